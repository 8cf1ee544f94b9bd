import { isRecord } from "../lib/unknown.ts";
import { TAIL_ENTRYPOINT, type TailDelivery } from "./tail-worker.ts";
import type { RunnableScript, ScheduledResult, Trace } from "./types.ts";

/** The Worker that stands beside the scripts of a workerd: it sees what they do, and calls their handlers. */
export const DESK = "localcloud:desk";
/** Its entrypoint that takes the traces of a script. */
export const DESK_TAIL = "Tail";
/** Its binding to this process. */
export const DESK_TRACES = "traces";

/** Name of its binding to a script. */
export function deskBinding(script: string): string {
  return `script:${script}`;
}

/**
 * Traces come here only from scripts that have Tail Workers, or were started while somebody looked. Those of
 * the others go on only while somebody does.
 */
export const DESK_CODE: string = `import { WorkerEntrypoint } from "cloudflare:workers";
let isTraced = true;
export class ${DESK_TAIL} extends WorkerEntrypoint {
  async tail(events) {
    const { consumers } = this.ctx.props;
    if (!isTraced && consumers.length === 0) return;
    const unredacted = consumers.length === 0 ? [] : events.map(({ event }) => {
      const request = event?.request?.getUnredacted();
      return request === undefined
        ? null
        : { cf: request.cf, headers: request.headers, method: request.method, url: request.url };
    });
    const body = JSON.stringify({ ...this.ctx.props, events, unredacted });
    await this.env.${DESK_TRACES}.fetch("http://traces/", { method: "POST", body });
  }
}
export default {
  async fetch(request, env) {
    const order = await request.json();
    if ("isTraced" in order) {
      isTraced = order.isTraced;
      return Response.json({});
    }
    try {
      if ("events" in order) {
        await env[order.binding].tail(order.events, order.unredacted);
        return Response.json({});
      }
      const { cron, scheduledTime } = order;
      const event = { cron, scheduledTime: new Date(scheduledTime) };
      return Response.json(await env[order.binding].scheduled(event));
    } catch (error) {
      return Response.json({ error: String(error?.message ?? error) });
    }
  },
};`;

/** What the desk is told of the script that a trace is of. */
export function deskProps({
  name,
  version,
  tailConsumers,
}: RunnableScript): Record<string, unknown> {
  return { script: name, version: version ?? null, consumers: tailConsumers };
}

/** What the desk reports of a script. */
export interface TraceReport {
  traces: Trace[];
  /** The same for its Tail Workers. */
  delivery: TailDelivery;
}

/** Reads what the desk sends; what is no trace is left out. */
export function parseReport(text: string): TraceReport {
  const value: unknown = JSON.parse(text);
  const { script: runsAs, version, events, unredacted, consumers } = isRecord(value) ? value : {};
  // One of a version that is deployed beside another is named after both.
  const script = String(runsAs).split(":", 1)[0] ?? "";
  const names = {
    scriptName: script,
    ...(typeof version === "string" ? { scriptVersion: { id: version } } : {}),
  };
  const items = listOf(events)
    .filter(isRecord)
    .map((item) => ({ ...item, ...names }));
  // Else a Tail Worker that is its own would never come to an end.
  const isOfTail = items.some(isTailInvocation);
  return {
    traces: items.map((item) => ({
      script,
      event: isTailInvocation(item) ? tailEvent(item) : item,
    })),
    delivery: {
      consumers: isOfTail ? [] : listOf(consumers).map(String),
      events: items,
      unredacted: listOf(unredacted),
    },
  };
}

function isTailInvocation(item: Record<string, unknown>): boolean {
  return item["entrypoint"] === TAIL_ENTRYPOINT;
}

/** To clients it is the event of a `tail` handler. The scripts that it was about are not known here. */
function tailEvent(item: Record<string, unknown>): Record<string, unknown> {
  return { ...item, entrypoint: null, event: { consumedEvents: [{ scriptName: null }] } };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What became of a handler that the desk called. */
export function parseScheduledResult(text: string): ScheduledResult {
  const value: unknown = JSON.parse(text);
  const { outcome, error } = isRecord(value) ? value : {};
  if (typeof outcome === "string") return { outcome, error: null };
  return { outcome: "unknown", error: String(error) };
}
