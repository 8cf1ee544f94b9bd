import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";

/** The `wscat` of npm, driven as the contract's README writes it. */
export class Wscat {
  /** Everything it printed, a line an entry. */
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #news = new EventEmitter();

  constructor(url: string) {
    this.#process = spawn("wscat", ["-c", url], { stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream !== null) createInterface(stream).on("line", (line) => this.#print(line));
    }
  }

  /** Types a line, as a person would. */
  type(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Resolves with the first line, already printed or to come, that matches. */
  async prints(pattern: RegExp, withinMs = 10_000): Promise<string> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const line = this.lines.find((candidate) => pattern.test(candidate));
      if (line !== undefined) return line;
      const remaining = deadline - Date.now();
      if (remaining <= 0)
        throw new Error(`wscat did not print ${pattern}: ${this.lines.join(" | ")}`);
      await once(this.#news, "line", { signal: AbortSignal.timeout(remaining) }).catch(() => {});
    }
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGINT");
    await ended;
  }

  #print(line: string): void {
    this.lines.push(line);
    this.#news.emit("line");
  }
}
