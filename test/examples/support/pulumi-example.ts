import { cp, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalCloud, LOCAL_TOKEN, type LocalCloud } from "../../../localcloud/src/index.ts";
import { resolveEngine, type Engine } from "../../../scripts/engine/resolve.ts";
import { capture, type Captured } from "../../../scripts/lib/child.ts";
import { localEnvironment } from "../../../scripts/lib/environment.ts";
import { createInterruption } from "../../../scripts/lib/interruption.ts";
import { openProject, type Project } from "../../../scripts/lib/project.ts";
import { openProvider, type LocalProvider } from "../../../scripts/lib/provider.ts";
import { createReporter } from "../../../scripts/lib/reporter.ts";
import { EXAMPLES } from "./example.ts";
import { installPacked, pack } from "./packed.ts";

const STACK = "prod";

/** examples/pulumi outside the workspace, with the component as it would be published, and a cloud for it. */
export class PulumiExample implements AsyncDisposable {
  readonly cloud: LocalCloud;
  readonly #parent: string;
  readonly #engine: Engine;
  #project: Project;
  #provider: LocalProvider;

  /** @param zone that the account has */
  static async install(zone: string): Promise<PulumiExample> {
    await using owned = new AsyncDisposableStack();
    const parent = await realpath(await mkdtemp(join(tmpdir(), "visitor-tracker-component-")));
    owned.defer(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));
    const folder = join(parent, "bakery");
    await cp(join(EXAMPLES, "pulumi"), folder, {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
    await installPacked(folder, await pack("infra/package", parent));
    const cloud = await startLocalCloud({ port: 0, edgePort: 0, zones: [zone] });
    owned.defer(() => cloud.close());
    const reporter = createReporter(process.stderr);
    const engine = await resolveEngine({ reporter, signal: createInterruption().signal });
    const project = projectIn(folder, join(parent, "state"));
    await mkdir(project.backendDir, { recursive: true });
    const provider = await startProvider(project, engine);
    owned.move();
    return new PulumiExample({ parent, cloud, engine, project, provider });
  }

  private constructor(parts: {
    parent: string;
    cloud: LocalCloud;
    engine: Engine;
    project: Project;
    provider: LocalProvider;
  }) {
    this.#parent = parts.parent;
    this.cloud = parts.cloud;
    this.#engine = parts.engine;
    this.#project = parts.project;
    this.#provider = parts.provider;
  }

  /** The program's. */
  get folder(): string {
    return this.#project.programDir;
  }

  /** Moves the program to a folder beside its own, and its packages to the folder above that. */
  async moveBelowPackages(): Promise<void> {
    const site = join(this.#parent, "site");
    await mkdir(site);
    await rename(join(this.folder, "node_modules"), join(site, "node_modules"));
    await rename(this.folder, join(site, "infra"));
    this.#project = projectIn(join(site, "infra"), this.#project.stateDir);
    // It reads the bundle in the program's folder.
    await this.#provider.close();
    this.#provider = await startProvider(this.#project, this.#engine);
    await this.succeed("stack", "select", STACK);
  }

  /** Makes the stack, with config as its README says. */
  async init(config: Readonly<Record<string, string>>): Promise<void> {
    await this.succeed("stack", "init", STACK);
    const secrets = { accountId: this.cloud.accountId, "cloudflare:apiToken": LOCAL_TOKEN };
    for (const [key, value] of Object.entries(secrets)) {
      await this.succeed("config", "set", "--secret", key, value);
    }
    const plain = { ...config, "cloudflare:baseUrl": this.cloud.apiUrl };
    for (const [key, value] of Object.entries(plain)) {
      await this.succeed("config", "set", "--path", key, value);
    }
  }

  /** Runs the CLI in the program's folder. */
  async pulumi(...args: string[]): Promise<Captured> {
    const env = localEnvironment(this.#project, this.#engine, {
      providerPort: this.#provider.port,
    });
    return await capture(this.#engine.command, [...args, "--non-interactive", "--color", "never"], {
      cwd: this.folder,
      env,
    });
  }

  /** What the CLI printed. @throws Error with it, unless the command succeeds */
  async succeed(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(...args);
    if (code !== 0)
      throw new Error(`pulumi ${args.join(" ")} exited with ${code}:\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  async outputs(): Promise<unknown> {
    return JSON.parse(await this.succeed("stack", "output", "--json"));
  }

  /** `result` of a request to the deploy API. */
  async api(path: string): Promise<unknown> {
    const url = `${this.cloud.apiUrl}${path.replace(":account", this.cloud.accountId)}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${LOCAL_TOKEN}` } });
    const answer: { result?: unknown } = { ...Object(await response.json()) };
    return answer.result;
  }

  async edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.folder, file);
    const before = await readFile(path, "utf8");
    if (!before.includes(from)) throw new Error(`${file} does not contain ${from}`);
    await writeFile(path, before.replace(from, to));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#provider.close();
    await this.cloud.close();
    await rm(this.#parent, { recursive: true, force: true, maxRetries: 5 });
  }
}

function startProvider(project: Project, engine: Engine): Promise<LocalProvider> {
  const reporter = createReporter(process.stderr);
  return openProvider(project, engine, { reporter, interruption: createInterruption() });
}

function projectIn(folder: string, stateDir: string): Project {
  return { ...openProject({ root: folder, stateDir }), programDir: folder };
}
