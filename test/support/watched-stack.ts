import assert from "node:assert/strict";
import { LocalStack, type PulumiRun } from "./local-stack.ts";

const CONFIG = "Pulumi.local.yaml";

/** Stack `local` with settings that a test changes, and an eye on what commands change at the API. */
export class WatchedStack {
  readonly local: LocalStack;
  /** The stack's config as it is in this checkout. */
  readonly #plain: string;

  static async start(): Promise<WatchedStack> {
    const local = await LocalStack.start();
    return new WatchedStack(local, await local.checkout.read(CONFIG));
  }

  private constructor(local: LocalStack, plain: string) {
    this.local = local;
    this.#plain = plain;
  }

  /** Adds these settings, as YAML, to those of the checkout; one that is there is replaced. */
  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    const kept = Object.keys(settings).reduce(
      // With the lines below it, such as a list's.
      (text, key) =>
        text.replace(new RegExp(`^  visitor-tracker:${key}:.*\\n(?:    .*\\n)*`, "m"), ""),
      this.#plain,
    );
    const added = Object.entries(settings).map(
      ([key, value]) => `  visitor-tracker:${key}: ${value}`,
    );
    await this.local.checkout.write(CONFIG, [kept.trimEnd(), ...added, ""].join("\n"));
  }

  /** Runs a command, which must fail with these texts and without having changed anything. */
  async shows(command: "preview" | "up", ...texts: string[]): Promise<void> {
    const before = this.local.cloud.journal.at(-1)?.number ?? 0;
    const run = await this.local.pulumi(command, ...(command === "up" ? ["--yes"] : []));
    const writes = this.local.cloud.journal
      .filter(({ number, method }) => number > before && method !== "GET")
      .map(({ method, path }) => `${method} ${path}`);
    assert.notEqual(run.code, 0, run.output);
    const output = unwrapped(run);
    for (const text of texts) assert.ok(output.includes(text), `no '${text}' in\n${output}`);
    assert.deepEqual(writes, []);
  }

  async showsNoChanges(): Promise<void> {
    const run = await this.local.pulumi("preview", "--expect-no-changes", "--diff");
    assert.equal(run.code, 0, run.output);
  }

  async namespaces(): Promise<readonly { id: string; class: string }[]> {
    const path = "/accounts/:account/workers/durable_objects/namespaces";
    const namespaces = await this.local.api(path);
    if (!Array.isArray(namespaces)) throw new Error(`${path} gives no list`);
    return namespaces.map((one: object) => ({ id: "", class: "", ...one }));
  }

  /** What a request gives the thing that it makes, to find it by. */
  async make(method: "POST" | "PUT", path: string, body: object): Promise<string> {
    const { id } = { id: "", ...Object(await this.local.api(path, { method, body })) };
    return String(id);
  }
}

/** As one line: the engine breaks and indents long messages. */
export function unwrapped({ output }: PulumiRun): string {
  return output.replaceAll(/\s+/g, " ");
}
