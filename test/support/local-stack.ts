import { join } from "node:path";
import { startLocalCloud, type LocalCloud } from "@visitor-tracker/localcloud";
import { resolveEngine, type Engine } from "../../scripts/engine/resolve.ts";
import { capture } from "../../scripts/lib/child.ts";
import { localEnvironment } from "../../scripts/lib/environment.ts";
import { openProject, type Project } from "../../scripts/lib/project.ts";
import { openProvider, type LocalProvider } from "../../scripts/lib/provider.ts";
import { ensureStack, readOutputs, withConfigFile } from "../../scripts/lib/pulumi.ts";
import { createReporter } from "../../scripts/lib/reporter.ts";
import { writeLocalConfig } from "../../scripts/lib/stack-config.ts";
import { Checkout } from "./checkout.ts";

export interface PulumiRun {
  code: number;
  /** Standard output and error, as the CLI wrote them, without colours. */
  output: string;
  seconds: number;
}

/** Stack `local` of a copied checkout, with a local cloud and the real engine, on ports of its own. */
export class LocalStack {
  readonly checkout: Checkout;
  readonly engine: Engine;
  readonly cloud: LocalCloud;
  readonly #project: Project;
  readonly #provider: LocalProvider;

  static async start(): Promise<LocalStack> {
    const reporter = createReporter(process.stderr);
    const engine = await resolveEngine({ reporter });
    const checkout = await Checkout.copy();
    const project = openProject({ root: checkout.root, stateDir: join(checkout.root, ".local") });
    const cloud = await startLocalCloud({ dir: project.cloudDir, port: 0, edgePort: 0 });
    const provider = await openProvider(project, engine, { reporter });
    const stack = new LocalStack(checkout, engine, cloud, project, provider);
    await stack.#writeConfig();
    await ensureStack({ project, engine, provider });
    return stack;
  }

  private constructor(
    checkout: Checkout,
    engine: Engine,
    cloud: LocalCloud,
    project: Project,
    provider: LocalProvider,
  ) {
    this.checkout = checkout;
    this.engine = engine;
    this.cloud = cloud;
    this.#project = project;
    this.#provider = provider;
  }

  /** Runs the CLI on this stack, with the stack's config as it stands in the checkout. */
  async pulumi(command: string, ...args: string[]): Promise<PulumiRun> {
    await this.#writeConfig();
    const common = ["--stack", "local", "--non-interactive", "--color", "never"];
    const started = performance.now();
    const { code, stdout, stderr } = await capture(
      this.engine.command,
      withConfigFile([command, ...args, ...common], this.#project),
      {
        cwd: this.#project.root,
        env: localEnvironment(this.#project, this.engine, { providerPort: this.#provider.port }),
      },
    );
    return { code, output: stdout + stderr, seconds: (performance.now() - started) / 1_000 };
  }

  /** `pulumi up`. @throws Error with all that the CLI printed, unless it succeeds */
  async up(): Promise<PulumiRun> {
    const run = await this.pulumi("up", "--yes", "--diff");
    if (run.code !== 0) throw new Error(`pulumi up exited with ${run.code}:\n${run.output}`);
    return run;
  }

  outputs(): Promise<Readonly<Record<string, unknown>>> {
    const { engine } = this;
    return readOutputs({ project: this.#project, engine, provider: this.#provider });
  }

  /** `result` of a request to the deploy API, under the account. */
  async api(path: string, init: { method?: string; body?: unknown } = {}): Promise<unknown> {
    const response = await fetch(
      `${this.cloud.apiUrl}${path.replace(":account", this.cloud.accountId)}`,
      {
        method: init.method ?? "GET",
        headers: { authorization: "Bearer test", "content-type": "application/json" },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      },
    );
    const answer: { result?: unknown } = { ...Object(await response.json()) };
    if (!response.ok)
      throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer.result;
  }

  async stop(): Promise<void> {
    await this.#provider.close();
    await this.cloud.close();
    await this.checkout.remove();
  }

  async #writeConfig(): Promise<void> {
    const { apiUrl: cloudflareBaseUrl, edgeUrl } = this.cloud;
    await writeLocalConfig(this.#project, { cloudflareBaseUrl, edgeUrl });
  }
}
