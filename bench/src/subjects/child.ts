import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isRecord } from "./is-record.ts";

/** A process of ours that answers calls, see {@link answer}. It ends when this one does. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /**
   * Rejects with the error's message when the child's method throws, or when the child ends. The
   * result is taken for what the caller says: both ends are the same version of the same source.
   */
  call<Result>(method: string, argument?: unknown): Promise<Result>;
}

export interface ChildOptions {
  /** Takes what the child prints. @default nothing */
  readonly log?: (text: string) => void;
}

/** Of what a child printed, for the error when it ends. */
const KEPT_CHARACTERS = 2_000;
/** Time that a child gets to end what it started itself. */
const END_MS = 5_000;

/**
 * Starts a script of ours as a child. It does not share the terminal: Ctrl-C reaches this process
 * alone, which then ends its children in order.
 */
export function startChild(script: URL, { log = () => {} }: ChildOptions = {}): Child {
  const child = fork(fileURLToPath(script), {
    detached: true,
    execArgv: ["--no-warnings"],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const calling = new CallingChild(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      calling.said = `${calling.said}${text}`.slice(-KEPT_CHARACTERS);
      log(String(text));
    });
  }
  return calling;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

class CallingChild implements Child {
  readonly pid: number;
  /** The last that it printed. */
  said = "";
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Error | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.on("message", (message) => this.#settle(message));
    child.on("error", (error) => this.#end(error));
    child.on("close", (code, signal) => {
      const end = `process ${this.pid} ended with ${code ?? signal ?? "no code"}`;
      this.#end(new Error(`${end}\n${this.said}`.trimEnd()));
    });
  }

  call<Result>(method: string, argument?: unknown): Promise<Result> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const settle = (value: unknown): void => Reflect.apply(resolve, undefined, [value]);
      this.#waiting.set(id, { resolve: settle, reject });
      this.#child.send({ id, method, argument });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#end(new Error(`process ${this.pid} was ended`));
    const exit = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    await exit;
    clearTimeout(timer);
  }

  #settle(message: unknown): void {
    if (!isRecord(message) || typeof message["id"] !== "number") return;
    const waiting = this.#waiting.get(message["id"]);
    this.#waiting.delete(message["id"]);
    const { error } = message;
    if (typeof error === "string") waiting?.reject(new Error(error));
    else waiting?.resolve(message["value"]);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** What a child can be asked to do; each takes one argument or none. */
export interface Methods {
  readonly [name: string]: (argument: never) => unknown;
}

/** A child's methods as its parent calls them. */
export type Remote<M> = {
  readonly [Name in keyof M]: M[Name] extends () => infer Result
    ? () => Promise<Awaited<Result>>
    : M[Name] extends (argument: infer Argument) => infer Result
      ? (argument: Argument) => Promise<Awaited<Result>>
      : never;
};

/**
 * To be called in a child: answers its parent's calls, several at once.
 * @param end is called when the parent is gone or has disposed of this child; it ends after that
 */
export function answer(methods: Methods, end: () => unknown = () => {}): void {
  process.on("message", (message) => {
    if (!isRecord(message)) return;
    const { id, method, argument } = message;
    void run(methods, method, argument).then((outcome) => process.send?.({ id, ...outcome }));
  });
  process.on("disconnect", () => void Promise.resolve(end()).finally(() => process.exit(0)));
}

async function run(methods: Methods, method: unknown, argument: unknown): Promise<object> {
  try {
    const called = typeof method === "string" ? methods[method] : undefined;
    if (called === undefined) throw new Error(`there is no method ${String(method)}`);
    return { value: await Reflect.apply(called, undefined, [argument]) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
