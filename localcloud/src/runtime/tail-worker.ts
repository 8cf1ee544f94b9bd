/** The entrypoint through which a Tail Worker gets events. It stands before the upload's own code. */
export const TAIL_ENTRYPOINT = "localcloud:tail";

/** Name of the desk's binding to it. */
export function tailBinding(script: string): string {
  return `tail:${script}`;
}

/** Events of one script for its Tail Workers. */
export interface TailDelivery {
  /** The Tail Workers, by name. */
  consumers: readonly string[];
  events: readonly Record<string, unknown>[];
  /** What each event's `request.getUnredacted()` says; null for one without a request. */
  unredacted: readonly unknown[];
}

/**
 * The main module of a Tail Worker: the upload's own, and an entrypoint that gives its `tail` handler what
 * other isolates cannot send: dates, and `getUnredacted`.
 */
export function tailWorkerCode(mainModule: string): string {
  const name = JSON.stringify(`./${mainModule}`);
  return `import { WorkerEntrypoint } from "cloudflare:workers";
import worker from ${name};
export * from ${name};
export default worker;
function traceItem(item, unredacted) {
  const { event } = item;
  if (event?.request !== undefined && unredacted !== null) {
    event.request = Object.defineProperty(event.request, "getUnredacted", { value: () => unredacted });
  }
  // That of a cron trigger is a number.
  if (typeof event?.scheduledTime === "string") event.scheduledTime = new Date(event.scheduledTime);
  return item;
}
class Tail extends WorkerEntrypoint {
  async tail(events, unredacted) {
    const items = events.map((event, index) => traceItem(event, unredacted[index]));
    if (typeof worker === "function") await new worker(this.ctx, this.env).tail(items);
    else await worker.tail(items, this.env, this.ctx);
  }
}
export { Tail as "${TAIL_ENTRYPOINT}" };`;
}
