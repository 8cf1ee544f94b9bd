import type { ChildProcess } from "node:child_process";
import { WebSocket } from "ws";

export type Result = Record<string, unknown>;

/** Commands to a browser over its own protocol, each answered under its number. */
export class BrowserCommands {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, (message: Result) => void>();
  #lastId = 0;

  static async connect(url: string): Promise<BrowserCommands> {
    const socket = new WebSocket(url);
    await new Promise((resolve) => socket.once("open", resolve));
    return new BrowserCommands(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const message: Result = JSON.parse(data.toString("utf8"));
      const id = Number(message["id"]);
      this.#pending.get(id)?.(message);
      this.#pending.delete(id);
    });
  }

  /** The whole answer, which may say that the command failed. */
  send(command: Result): Promise<Result> {
    const id = (this.#lastId += 1);
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, ...command }));
    });
  }
}

/** The address that a browser prints; `address` captures it. */
export function printedUrl(name: string, child: ChildProcess, address: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
      const url = address.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${name} did not start: ${output}`)));
  });
}

export interface Page {
  readonly evaluate: (expression: string) => Promise<unknown>;
}

/** Resolves when the expression has the value; rejects with the last one after `withinMs`. */
export async function untilShown(
  page: Page,
  expression: string,
  expected: unknown,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await page.evaluate(expression);
    if (value === expected) return;
    if (Date.now() > deadline) {
      const [is, not] = [JSON.stringify(value), JSON.stringify(expected)];
      throw new Error(`${expression} is ${is}, not ${not}`);
    }
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 20))");
  }
}
