import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { CrowdLog } from "./log.ts";
import type { CrowdAnswer, CrowdOptions, CrowdRequest } from "./protocol.ts";

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));

/** Many visitors of one page, who behave as the published client does. See `process.ts`. */
export class Crowd implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when all are live and each sees how many they are. */
  static async join(options: CrowdOptions): Promise<Crowd> {
    const crowd = new Crowd(fork(PROCESS, { stdio: ["ignore", "inherit", "inherit", "ipc"] }));
    crowd.#send({ ask: "join", ...options });
    await crowd.settle();
    return crowd;
  }

  /**
   * Resolves when all are live and each sees how many they are.
   * @param losses connections that must have been lost since {@link forget} before. @default 0
   * @returns when that was, milliseconds since the epoch
   */
  async settle(losses = 0): Promise<number> {
    const answer = await this.#ask({ ask: "settle", losses });
    return answer.answer === "settled" ? answer.atMs : Number.NaN;
  }

  /** Begins the log again. */
  async forget(): Promise<void> {
    await this.#ask({ ask: "forget" });
  }

  async log(): Promise<CrowdLog> {
    const answer = await this.#ask({ ask: "log" });
    if (answer.answer !== "log") throw new Error(`the crowd answered ${answer.answer}`);
    return answer.log;
  }

  /** All vanish without a word. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** One question at a time: answers have no other address. */
  #ask(request: CrowdRequest): Promise<CrowdAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<CrowdAnswer>();
    const onExit = (code: number | null): void =>
      reject(new Error(`the crowd's process ended with ${code} when asked to ${request.ask}`));
    this.#child.once("message", (answer: CrowdAnswer) => {
      this.#child.off("exit", onExit);
      resolve(answer);
    });
    this.#child.once("exit", onExit);
    this.#send(request);
    return promise;
  }

  #send(request: CrowdRequest): void {
    this.#child.send(request);
  }
}
