import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { createRuntime } from "../src/runtime/runtime.ts";
import type { RunnableScript, Runtime } from "../src/runtime/types.ts";

export async function temporaryDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "localcloud-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export async function startRuntime(dir?: string): Promise<Runtime> {
  const runtime = createRuntime({ dir: dir ?? (await temporaryDir()) });
  onTestFinished(() => runtime.close());
  return runtime;
}

/** A script of one ES module, `worker.js`. */
export function script(
  name: string,
  code: string,
  rest: Partial<RunnableScript> = {},
): RunnableScript {
  return {
    name,
    mainModule: "worker.js",
    modules: [module("worker.js", code)],
    bindings: [],
    compatibilityDate: "2026-09-01",
    compatibilityFlags: [],
    namespaces: [],
    tailConsumers: [],
    handlesTail: false,
    ...rest,
  };
}

export function module(
  name: string,
  contents: string,
  contentType = "application/javascript+module",
): RunnableScript["modules"][number] {
  return { name, contentType, contents: new TextEncoder().encode(contents) };
}

export function scripts(...list: RunnableScript[]): Map<string, RunnableScript> {
  return new Map(list.map((one) => [one.name, one]));
}

/** A GET of the script itself, around the edge. */
export async function get(runtime: Runtime, name: string, path = "/"): Promise<string> {
  const address = await runtime.address(name);
  if (address === null) throw new Error(`script '${name}' does not run`);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const { host, port, headers } = address;
  const outgoing = request(
    { host, port, headers, path: `http://${name}.test${path}`, agent: false },
    (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(text));
      response.on("error", reject);
    },
  );
  outgoing.on("error", reject);
  outgoing.end();
  return promise;
}

/** Counts its requests in storage: `<version> <count>`. Takes WebSockets and echoes what they send. */
export function counterCode(version: string, className = "Counter"): string {
  return `import { DurableObject } from "cloudflare:workers";
export class ${className} extends DurableObject {
  async fetch(request) {
    if (request.headers.get("upgrade") === "websocket") {
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      return new Response(null, { status: 101, webSocket: client });
    }
    const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
    await this.ctx.storage.put("count", count);
    return new Response("${version} " + count);
  }
  webSocketMessage(socket, message) {
    if (message === "close") socket.close(4001, "as asked");
    else socket.send(message);
  }
  webSocketClose(socket, code, reason) { socket.close(code, reason); console.log("closed", code, reason); }
}
export default {
  fetch(request, env) { return env.COUNTER.get(env.COUNTER.idFromName("one")).fetch(request); },
};`;
}

/** Takes a port of this machine as soon as it is free, and lets nobody in; gives it back after the test. */
export async function takePort(port: number): Promise<void> {
  const taker = createServer((socket) => socket.destroy());
  onTestFinished(() => void taker.close());
  for (;;) {
    try {
      await once(taker.listen(port, "127.0.0.1"), "listening");
      return;
    } catch {
      await setImmediate();
    }
  }
}

/** A script with the Durable Object class of `counterCode`. */
export function counterScript(
  name: string,
  version: string,
  options: { id?: string; className?: string } = {},
): RunnableScript {
  const { id = `${name}-namespace`, className = "Counter" } = options;
  return script(name, counterCode(version, className), {
    bindings: [{ type: "durable_object_namespace", name: "COUNTER", class_name: className }],
    namespaces: [{ id, className, useSqlite: true }],
  });
}
