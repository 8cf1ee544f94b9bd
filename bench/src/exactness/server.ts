import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleForTest } from "./bundle.ts";
import type { Subject } from "./subjects.ts";
import { bindingName, workerdConfig } from "./workerd-config.ts";

/** A Worker under test on a workerd of its own, on loopback. */
export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** Puts an object to sleep or, with `close`, restarts it and drops its connections. */
  evict(objectName: string, webSockets: "hibernate" | "close"): Promise<EvictOutcome>;
  /** Steps the clock that the objects see to `offsetMs` ahead of this machine's. */
  setClock(offsetMs: number): Promise<void>;
  /** Ends workerd and runs it again: every connection drops, storage and port stay. */
  redeploy(): Promise<void>;
}

/** `absent`: the object was not in memory, or its server was not there; else the runtime's words when it did not do it. */
export type EvictOutcome = "done" | "absent" | { readonly refused: string };

/** The workerd that Miniflare runs: its package's main module exports the path. */
const WORKERD: string = String(
  createRequire(createRequire(import.meta.url).resolve("miniflare"))("workerd").default,
);

/** Starts a Worker. Dispose of it to end its process and remove its storage. */
export async function startServer(subject: Subject): Promise<TestServer> {
  const { code, classNames } = await bundleForTest(subject.entry, subject.patches);
  const dir = await mkdtemp(join(tmpdir(), "visitor-tracker-exactness-"));
  await mkdir(join(dir, "storage"));
  await writeFile(join(dir, "worker.js"), code);
  const server = new WorkerdServer(dir, classNames, subject.settings);
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class WorkerdServer implements TestServer {
  readonly #dir: string;
  readonly #classNames: readonly string[];
  readonly #settings: object;
  #process: ChildProcess | null = null;
  #port = 0;
  #offsetMs = 0;
  #printed = "";

  constructor(dir: string, classNames: readonly string[], settings: object) {
    this.#dir = dir;
    this.#classNames = classNames;
    this.#settings = settings;
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const config = workerdConfig({
      classNames: this.#classNames,
      settings: this.#settings,
      offsetMs: this.#offsetMs,
    });
    await writeFile(join(this.#dir, "config.capnp"), config);
    const address = `http=127.0.0.1:${this.#port}`;
    const args = ["serve", "--experimental", "--control-fd=3", "-s", address, "config.capnp"];
    const process = spawn(WORKERD, args, {
      cwd: this.#dir,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    this.#process = process;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => (this.#printed += String(text)));
    }
    this.#port = await listeningPort(process, () => this.#printed);
  }

  async evict(name: string, webSockets: "hibernate" | "close"): Promise<EvictOutcome> {
    const binding = bindingName(this.#classNames[0] ?? "");
    const query = new URLSearchParams({ binding, name, webSockets });
    let response: Response;
    let text: string;
    try {
      response = await this.#control(`evict?${query.toString()}`);
      text = await response.text();
    } catch {
      // It is being deployed again.
      return "absent";
    }
    if (response.ok) return "done";
    return text.includes("not currently running") ? "absent" : { refused: text };
  }

  async setClock(offsetMs: number): Promise<void> {
    this.#offsetMs = offsetMs;
    await (await this.#control(`clock?offsetMs=${offsetMs}`)).text();
  }

  async redeploy(): Promise<void> {
    await this.#kill();
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill();
    await rm(this.#dir, { recursive: true, force: true });
  }

  #control(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}/__exactness/${path}`);
  }

  /** workerd does not end on SIGTERM while it has connections. */
  async #kill(): Promise<void> {
    const process = this.#process;
    if (process === null || process.exitCode !== null || process.signalCode !== null) return;
    const exit = once(process, "exit");
    process.kill("SIGKILL");
    await exit;
  }
}

/** workerd writes one JSON object a line to its control descriptor. */
function listeningPort(process: ChildProcess, printed: () => string): Promise<number> {
  const control = process.stdio[3];
  return new Promise((resolve, reject) => {
    let received = "";
    control?.on("data", (data) => {
      received += String(data);
      const port = /"event":"listen","socket":"http","port":(\d+)/.exec(received)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    process.once("exit", (code, signal) => {
      reject(new Error(`workerd ended with ${code ?? signal ?? "no code"}: ${printed()}`));
    });
  });
}
