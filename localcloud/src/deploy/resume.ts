import type { Cloud } from "../http/reply.ts";
import { messageOf } from "../lib/unknown.ts";
import { runnableScripts } from "./runnable.ts";
import { dropDoomedStorage } from "./swap.ts";

/** Starts what the state says, and finishes what the last process did not. One bad script stops no other. */
export async function resume(cloud: Cloud): Promise<void> {
  const { store, runtime, onWarning } = cloud;
  await dropDoomedStorage(cloud);
  const warn = (name: string, error: unknown): void =>
    onWarning(
      `Script '${name}' could not be started: ${messageOf(error)} Upload it again, or delete it.`,
    );
  const scripts = runnableScripts(store.state, store.blobs, warn);
  for (const name of scripts.keys()) {
    try {
      // A script that is bound to one before it runs already.
      if ((await runtime.address(name)) === null) await runtime.deploy(name, scripts);
    } catch (error) {
      warn(name, error);
    }
  }
}
