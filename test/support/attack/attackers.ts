import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { AttackName } from "./attacks.ts";
import type { AttackAnswer, AttackRequest, Target } from "./protocol.ts";

const PROCESS = fileURLToPath(new URL("process.ts", import.meta.url));

/** Those who mean harm, in a process of their own. One attack at a time. */
export class Attackers implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(PROCESS, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  /** Connects them, quietly. */
  enter(attack: AttackName, target: Target): Promise<AttackAnswer> {
    return this.#ask({ ask: "enter", attack, target });
  }

  /** Lets them loose, until they are done or {@link leave}. */
  act(): Promise<AttackAnswer> {
    return this.#ask({ ask: "act" });
  }

  /** Waits until they are done. */
  finish(): Promise<AttackAnswer> {
    return this.#ask({ ask: "finish" });
  }

  /** Stops, and tells what they had met with before they cut their connections. */
  leave(): Promise<AttackAnswer> {
    return this.#ask({ ask: "leave" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #ask(request: AttackRequest): Promise<AttackAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<AttackAnswer>();
    const onExit = (code: number | null): void =>
      reject(new Error(`the attackers' process ended with ${code} when asked to ${request.ask}`));
    this.#child.once("exit", onExit);
    this.#child.once("message", (answer: AttackAnswer) => {
      this.#child.off("exit", onExit);
      resolve(answer);
    });
    this.#child.send(request);
    return promise;
  }
}
