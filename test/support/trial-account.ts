import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startProvider, type RunningProvider } from "../../localcloud/provider/index.ts";
import { startLocalCloud, type FaultRule, type LocalCloud } from "../../localcloud/src/index.ts";
import { resolveEngine, type Engine } from "../../scripts/engine/resolve.ts";
import { ended } from "../../scripts/lib/child.ts";
import { update } from "../../scripts/lib/deploy/update.ts";
import { localEnvironment } from "../../scripts/lib/environment.ts";
import { readTextIfPresent } from "../../scripts/lib/files.ts";
import { field } from "../../scripts/lib/local-api.ts";
import { LOCAL_ZONES, openProject, PROJECT_NAME, type Project } from "../../scripts/lib/project.ts";
import { createReporter, type Reporter } from "../../scripts/lib/reporter.ts";
import { Checkout } from "./checkout.ts";

/** How a CLI that was started ends. */
export interface CliRun {
  readonly code: number;
  /** Standard output and error, without colours. */
  readonly output: string;
}

/** Everything that a deployment changed, kept aside. */
export interface Snapshot {
  readonly dir: string;
}

/** A lost answer is asked for again at once: what comes of it is the same as after three minutes. */
const QUICK_RETRIES = { retries: 2, firstWaitMs: 5, longestWaitMs: 5 };

/**
 * A local cloud with the real engine and the stand-in provider, for any number of stacks of one
 * copied checkout. Unlike stack `local`, these are run as stacks on Cloudflare are: nothing puts a
 * state right before the engine sees it.
 */
export class TrialAccount {
  readonly checkout: Checkout;
  readonly #project: Project;
  readonly #engine: Engine;
  readonly #provider: RunningProvider;
  readonly #ports: { port: number; edgePort: number };
  readonly #snapshots: Snapshot[] = [];
  #cloud: LocalCloud;

  static async start(): Promise<TrialAccount> {
    const checkout = await Checkout.copy();
    const project = openProject({ root: checkout.root, stateDir: join(checkout.root, ".local") });
    await mkdir(project.backendDir, { recursive: true });
    const engine = await resolveEngine({ reporter: createReporter(process.stderr) });
    const provider = await startProvider({
      programDir: project.programDir,
      env: {},
      retryPolicy: QUICK_RETRIES,
    });
    const cloud = await startLocalCloud({
      dir: project.cloudDir,
      zones: LOCAL_ZONES,
      port: 0,
      edgePort: 0,
    });
    return new TrialAccount({ checkout, project, engine, provider, cloud });
  }

  private constructor(parts: {
    checkout: Checkout;
    project: Project;
    engine: Engine;
    provider: RunningProvider;
    cloud: LocalCloud;
  }) {
    this.checkout = parts.checkout;
    this.#project = parts.project;
    this.#engine = parts.engine;
    this.#provider = parts.provider;
    this.#cloud = parts.cloud;
    // Stacks name them in their config.
    const [port, edgePort] = [parts.cloud.apiUrl, parts.cloud.edgeUrl].map(portOf);
    this.#ports = { port: port ?? 0, edgePort: edgePort ?? 0 };
  }

  get cloud(): LocalCloud {
    return this.#cloud;
  }

  /** Writes a stack's config; the local cloud's own keys and the passphrase's salt are added. */
  async configure(stack: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
    const file = `Pulumi.${stack}.yaml`;
    const before = await readTextIfPresent(join(this.checkout.root, file));
    const salt = /^encryptionsalt: .*$/m.exec(before ?? "")?.[0] ?? "";
    const { accountId, apiUrl, edgeUrl } = this.#cloud;
    const all = { accountId, cloudflareBaseUrl: apiUrl, edgeUrl, ...settings };
    const lines = Object.entries(all).map(
      // JSON is YAML.
      ([key, value]) => `  ${PROJECT_NAME}:${key}: ${JSON.stringify(value)}`,
    );
    await this.checkout.write(file, [salt, "config:", ...lines, ""].join("\n").trimStart());
  }

  /** Makes a stack with this config. */
  async init(stack: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.configure(stack, settings);
    const { code, output } = await this.pulumi("stack", "init", stack, "--no-select");
    if (code !== 0) throw new Error(`pulumi stack init ${stack} exited with ${code}:\n${output}`);
  }

  /** Runs the CLI; the stack is named in the arguments. */
  async pulumi(...args: string[]): Promise<CliRun> {
    return await this.#startPulumi(...args).ended;
  }

  /** In a process group of its own, to be killed with all it started. */
  #startPulumi(...args: string[]): { pid: number; ended: Promise<CliRun> } {
    const child = spawn(this.#engine.command, [...args, "--non-interactive", "--color", "never"], {
      cwd: this.#project.root,
      env: localEnvironment(this.#project, this.#engine, { providerPort: this.#provider.port }),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    return {
      pid: child.pid ?? 0,
      ended: ended(child).then((code) => ({ code, output })),
    };
  }

  /**
   * Runs the CLI and kills it, with all it started, while the API is at work on the request that has
   * this fault, which must delay it for long; then waits until the API has carried it out.
   */
  async killPulumiIn(fault: FaultRule, ...args: string[]): Promise<CliRun> {
    const { faults, journal } = this.#cloud;
    faults.add(fault);
    const run = this.#startPulumi(...args);
    await until(() => faults.list().length === 0);
    process.kill(-run.pid, "SIGKILL");
    const killed = await run.ended;
    await until(() => journal.some((entry) => entry.fault));
    return killed;
  }

  /** What `npm run deploy` does with the engine. @returns its exit code */
  async update(stack: string, reporter: Reporter): Promise<number> {
    const env = localEnvironment(this.#project, this.#engine, {
      providerPort: this.#provider.port,
    });
    const run = { cwd: this.#project.root, env };
    return await update(stack, this.#engine, run, { reporter, yes: true });
  }

  /** `pulumi up`. @throws Error with all that the CLI printed, unless it succeeds */
  async up(stack: string, ...args: string[]): Promise<CliRun> {
    const run = await this.pulumi("up", "--yes", "--stack", stack, ...args);
    if (run.code !== 0) throw new Error(`pulumi up exited with ${run.code}:\n${run.output}`);
    return run;
  }

  /** A stack's state as the file backend keeps it; undefined without one. */
  async state(stack: string): Promise<unknown> {
    const text = await readTextIfPresent(this.#stateFile(stack));
    const checkpoint: unknown = JSON.parse(text ?? "null");
    return field(field(checkpoint, "checkpoint"), "latest");
  }

  /** Takes the copy that the CLI makes of a state before it writes the next one. */
  async takeStateBackup(stack: string): Promise<void> {
    const file = this.#stateFile(stack);
    await cp(`${file}.bak`, file);
  }

  #stateFile(stack: string): string {
    return join(this.#project.backendDir, ".pulumi/stacks", PROJECT_NAME, `${stack}.json`);
  }

  /** `result` of a GET to the deploy API; `:account` is filled in. */
  async api(path: string): Promise<unknown> {
    const url = `${this.#cloud.apiUrl}${path.replace(":account", this.#cloud.accountId)}`;
    const response = await fetch(url, { headers: { authorization: "Bearer test" } });
    const answer: unknown = await response.json();
    if (!response.ok) {
      throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    }
    return field(answer, "result");
  }

  /** A request to the edge, as if for this host. */
  async edge(host: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...Object.fromEntries(new Headers(init.headers)), "x-emulator-host": host };
    return await fetch(`${this.#cloud.edgeUrl}${path}`, { ...init, headers });
  }

  /** Keeps the account, its objects' storage and the stacks' states aside. */
  async save(): Promise<Snapshot> {
    const dir = await mkdtemp(join(tmpdir(), "visitor-tracker-snapshot-"));
    await this.#withCloudStopped(async () => {
      await cp(this.#project.stateDir, dir, { recursive: true });
    });
    const snapshot = { dir };
    this.#snapshots.push(snapshot);
    return snapshot;
  }

  /** Brings all back as it was. The stacks' configs and the sources stay. */
  async restore({ dir }: Snapshot): Promise<void> {
    await this.#withCloudStopped(async () => {
      for (const folder of [this.#project.cloudDir, this.#project.backendDir]) {
        await rm(folder, { recursive: true, force: true });
      }
      await cp(dir, this.#project.stateDir, { recursive: true });
    });
  }

  async #withCloudStopped(work: () => Promise<void>): Promise<void> {
    await this.#cloud.close();
    await work();
    this.#cloud = await startLocalCloud({ dir: this.#project.cloudDir, ...this.#ports });
  }

  async stop(): Promise<void> {
    await this.#provider.close();
    await this.#cloud.close();
    for (const { dir } of this.#snapshots) await rm(dir, { recursive: true, force: true });
    await this.checkout.remove();
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(10);
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
