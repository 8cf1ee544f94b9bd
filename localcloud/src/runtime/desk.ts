import { isRecord } from "../lib/unknown.ts";
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

/** Traces come here only from scripts that were started while somebody looked, and go on only while somebody does. */
export const DESK_CODE: string = `import { WorkerEntrypoint } from "cloudflare:workers";
let isTraced = true;
export class ${DESK_TAIL} extends WorkerEntrypoint {
  async tail(events) {
    if (!isTraced) return;
    const body = JSON.stringify({ ...this.ctx.props, events });
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
      const { cron, scheduledTime } = order;
      const event = { cron, scheduledTime: new Date(scheduledTime) };
      return Response.json(await env[order.binding].scheduled(event));
    } catch (error) {
      return Response.json({ error: String(error?.message ?? error) });
    }
  },
};`;

/** What the desk is told of the script that a trace is of. */
export function deskProps({ name, version }: RunnableScript): Record<string, unknown> {
  return { script: name, version: version ?? null };
}

/** The traces that the desk sends; what is no trace is left out. */
export function parseTraces(text: string): Trace[] {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || !Array.isArray(value["events"])) return [];
  const { script, version } = value;
  return value["events"].filter(isRecord).map((event) => ({
    script: String(script),
    version: typeof version === "string" ? version : null,
    event,
  }));
}

/** What became of a handler that the desk called. */
export function parseScheduledResult(text: string): ScheduledResult {
  const value: unknown = JSON.parse(text);
  const { outcome, error } = isRecord(value) ? value : {};
  if (typeof outcome === "string") return { outcome, error: null };
  return { outcome: "unknown", error: String(error) };
}
