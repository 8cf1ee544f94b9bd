import { join } from "node:path";
import type { LocalCloud } from "../../localcloud/src/index.ts";
import { capture } from "../../scripts/lib/child.ts";
import { localEnvironment } from "../../scripts/lib/environment.ts";
import { createInterruption } from "../../scripts/lib/interruption.ts";
import { openSession, type LocalSession } from "../../scripts/lib/local-session.ts";
import { openProject } from "../../scripts/lib/project.ts";
import { withConfigFile } from "../../scripts/lib/pulumi.ts";
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
  readonly #session: LocalSession;

  static async start(): Promise<LocalStack> {
    const checkout = await Checkout.copy();
    const project = openProject({ root: checkout.root, stateDir: join(checkout.root, ".local") });
    const session = await openSession(project, {
      reporter: createReporter(process.stderr),
      interruption: createInterruption(),
      port: 0,
      apiPort: 0,
    });
    return new LocalStack(checkout, session);
  }

  private constructor(checkout: Checkout, session: LocalSession) {
    this.checkout = checkout;
    this.#session = session;
  }

  get cloud(): LocalCloud {
    return this.#session.cloud;
  }

  /** Runs the CLI on this stack, with the stack's config as it stands in the checkout. */
  async pulumi(command: string, ...args: string[]): Promise<PulumiRun> {
    const { project, engine, provider } = this.#session;
    const { apiUrl: cloudflareBaseUrl, edgeUrl } = this.cloud;
    await writeLocalConfig(project, { cloudflareBaseUrl, edgeUrl });
    const common = ["--stack", "local", "--non-interactive", "--color", "never"];
    const started = performance.now();
    const { code, stdout, stderr } = await capture(
      engine.command,
      withConfigFile([command, ...args, ...common], project),
      {
        cwd: project.root,
        env: localEnvironment(project, engine, { providerPort: provider.port }),
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
    return this.#session.outputs();
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
    await this.#session.close();
    await this.checkout.remove();
  }
}
