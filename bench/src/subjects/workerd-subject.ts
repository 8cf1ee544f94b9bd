import { parseAddress } from "./address.ts";
import { type WorkerdName, bundleSubject } from "./bundle.ts";
import { startChild } from "./child.ts";
import { ServedSubject } from "./served-subject.ts";
import type { Subject, SubjectOptions } from "./subject.ts";

/** Starts a Worker on workerd, hosted by a child process: eviction blocks its event loop. */
export async function startWorkerdSubject(
  name: WorkerdName,
  { settings = {}, log }: SubjectOptions,
): Promise<Subject> {
  const bundle = await bundleSubject(name);
  const script = new URL("workerd-host.ts", import.meta.url);
  const host = startChild(script, log === undefined ? {} : { log });
  try {
    const address = parseAddress(await host.call("start", { ...bundle, settings }));
    const server = {
      evict: async (objectName: string): Promise<void> => {
        await host.call("evict", objectName);
      },
      restart: async (port: number) => parseAddress(await host.call("restart", port)),
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
    return new ServedSubject(name, server, address);
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
}
