import { type ChildProcess, spawn } from "node:child_process";
import { basename } from "node:path";

/**
 * Runs a command as a process group that ends with its standard input: whatever it has started is
 * gone when we let go, and when we are killed. Its exit code is the command's.
 */
const LEASH = `
exec 3<&0
"$@" 3<&- &
command=$!
{ cat <&3; kill -9 0; } > /dev/null 2>&1 &
wait $command`;

/** What npm and vitest have added for themselves; how a registry is reached is the person's. */
const ADDED =
  /^(npm_(?!config_(registry|cache|cafile|userconfig|https?_proxy|proxy)$)|VITEST|NODE_ENV$|TEST$|NODE_OPTIONS$|FORCE_COLOR$)/;

/** What the shell of a person has. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !ADDED.test(name));
  return {
    ...Object.fromEntries(own),
    NO_COLOR: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    ASTRO_TELEMETRY_DISABLED: "1",
  };
}

/** A command that runs, with everything that it has started. */
export class Leash {
  /** Standard output and error so far. */
  output = "";
  /** Settles with the exit code; null when it was killed. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  #onOutput = (): void => {};

  constructor(command: readonly string[], cwd: string) {
    this.#child = spawn("sh", ["-c", LEASH, "sh", ...command], {
      cwd,
      detached: true,
      env: environment(),
      stdio: ["pipe", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
        this.#onOutput();
      });
    }
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("close", resolve);
      this.#child.once("error", reject);
    });
  }

  /** Resolves with the pattern's first group. Rejects when the command ends without printing it. */
  async prints(pattern: RegExp): Promise<string> {
    const found = new Promise<string>((resolve) => {
      this.#onOutput = () => {
        const group = pattern.exec(this.output)?.[1];
        if (group !== undefined) resolve(group);
      };
      this.#onOutput();
    });
    const end = this.ended.then((code) => {
      throw new Error(`ended with ${code} and did not print ${pattern}:\n${this.output}`);
    });
    return Promise.race([found, end]);
  }

  async letGo(): Promise<void> {
    this.#child.stdin?.end();
    await this.ended;
  }
}

/**
 * Runs a command to its end and says how long that took.
 * @throws Error with all that it printed, unless it succeeds
 */
export async function finish(command: readonly string[], cwd: string): Promise<void> {
  const started = performance.now();
  const leash = new Leash(command, cwd);
  const code = await leash.ended;
  const line = `${command.join(" ")} (in ${basename(cwd)})`;
  if (code !== 0) throw new Error(`${line} ended with ${code}:\n${leash.output}${advice(leash)}`);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  process.stderr.write(`examples: ${line}: ${seconds} s\n`);
}

function advice({ output }: Leash): string {
  if (!/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED)\b/.test(output)) {
    return "";
  }
  return "\nThe npm registry cannot be reached. These tests install the packages of examples/ from it: check the network, or what `npm config get registry` says.";
}
