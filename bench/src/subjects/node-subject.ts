import { parseAddress } from "./address.ts";
import { type Child, startChild } from "./child.ts";
import { ServedSubject } from "./served-subject.ts";
import type { Subject, SubjectOptions } from "./subject.ts";

const SCRIPTS = { ws: "node-ws.ts", "socket.io": "node-socketio.ts" } as const;

/** Starts a server on Node, which is a child process. */
export async function startNodeSubject(
  name: keyof typeof SCRIPTS,
  { log }: SubjectOptions,
): Promise<Subject> {
  const script = new URL(SCRIPTS[name], import.meta.url);
  const start = (): Child => startChild(script, log === undefined ? {} : { log });
  let child = start();
  const listen = async (port: number) => parseAddress(await child.call("listen", port));
  try {
    const address = await listen(0);
    const server = {
      evict: async (): Promise<void> => {
        throw new Error(`${name} runs on Node: it has no objects that could hibernate`);
      },
      restart: async (port: number) => {
        await child[Symbol.asyncDispose]();
        child = start();
        return listen(port);
      },
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
    return new ServedSubject(name, server, address);
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}
