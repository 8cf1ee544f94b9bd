import { type FaultSource, parseConsistencyMs } from "../faults.ts";
import type { Journal } from "../journal.ts";
import { isRecord, messageOf, parseJsonText } from "../lib/unknown.ts";
import { mask, maskPath } from "../mask.ts";
import type { OpenSocket, StoredObject } from "../runtime/types.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Cloud } from "./reply.ts";

/** Path of what the local cloud offers beside Cloudflare's API. */
export const CONTROL_ROOT = "/__localcloud";

/** Where the journal is streamed, see stream.ts. */
export const JOURNAL_STREAM: string = `${CONTROL_ROOT}/journal/stream`;

/** What a run is, for `GET /__localcloud/status`. */
export interface RunInfo {
  pid: number;
  /** ISO 8601. */
  startedAt: string;
  /** Folder of the state; null when it goes with the process. */
  dir: string | null;
  apiUrl: string;
  /** Null until the scripts of the folder run. */
  edgeUrl: string | null;
  accountId: string;
}

/** What the local cloud's own endpoints work on. */
export interface Controlled {
  cloud: Cloud;
  faults: FaultSource;
  journal: Journal;
  info: () => RunInfo;
  sockets: () => readonly OpenSocket[];
  /** Makes the account what it was at its first start. */
  reset: () => Promise<void>;
}

type ControlHandler = (
  controlled: Controlled,
  request: { query: URLSearchParams; body: Buffer },
) => Answer | Promise<Answer>;

const HANDLERS: Readonly<Record<string, ControlHandler>> = {
  "GET status": ({ cloud, journal, info }) => jsonAnswer(200, statusOf(cloud, journal, info())),
  "GET sockets": ({ sockets }) => jsonAnswer(200, { sockets: sockets().map(masked) }),
  "GET objects": async ({ cloud }, { query }) =>
    jsonAnswer(200, { objects: await objectsOf(cloud, query.get("namespace")) }),
  "GET state": ({ cloud }) => jsonAnswer(200, mask(cloud.store.state)),
  "POST reset": async ({ reset }) => {
    await reset();
    return jsonAnswer(200, {});
  },
  "GET journal": ({ journal }, { query }) =>
    jsonAnswer(200, { entries: lastEntries(journal, query.get("last")) }),
  "POST scheduled": async ({ cloud }, { body }) => runScheduled(cloud, parse(body)),
  "GET faults": ({ faults }) => faultsAnswer(faults),
  "POST faults": ({ faults }, { body }) => {
    faults.addUntrusted(parse(body));
    return faultsAnswer(faults);
  },
  "DELETE faults": ({ faults }) => {
    faults.clear();
    return faultsAnswer(faults);
  },
  "PUT consistency": ({ faults }, { body }) => {
    const value = parse(body);
    const ms = isRecord(value) ? value["eventualConsistencyMs"] : value;
    faults.setEventualConsistencyMs(parseConsistencyMs(ms));
    return faultsAnswer(faults);
  },
};

/**
 * Answers what is below {@link CONTROL_ROOT}: `status`, `state` and `journal` (secrets masked), `sockets`
 * by script, `objects` of a namespace, `faults`, `consistency`, `scheduled` and `reset`; null for every other path.
 */
export async function answerControl(
  method: string,
  path: string,
  request: { query: URLSearchParams; body: Buffer },
  controlled: Controlled,
): Promise<Answer | null> {
  if (!isControlPath(path)) return null;
  const name = path.slice(CONTROL_ROOT.length + 1);
  const [, id] = /^faults\/(\d+)$/.exec(name) ?? [];
  if (method === "DELETE" && id !== undefined) return removeFault(controlled.faults, Number(id));
  const handler = HANDLERS[`${method} ${name}`];
  const known = [...Object.keys(HANDLERS), "DELETE faults/<id>", "GET journal/stream"].join(", ");
  if (handler === undefined) {
    return jsonAnswer(404, { error: `There is no ${method} ${path}; there are ${known}.` });
  }
  try {
    return await handler(controlled, request);
  } catch (error) {
    const isClients = error instanceof TypeError || error instanceof SyntaxError;
    return jsonAnswer(isClients ? 400 : 500, { error: messageOf(error) });
  }
}

export function isControlPath(path: string): boolean {
  return path === CONTROL_ROOT || path.startsWith(`${CONTROL_ROOT}/`);
}

function statusOf({ store }: Cloud, journal: Journal, info: RunInfo): Record<string, unknown> {
  const { subdomain, plan, zones, scripts, namespaces } = store.state;
  return {
    ...info,
    subdomain,
    plan,
    zones: zones.map(({ name }) => name),
    scripts: scripts.map(({ name }) => name),
    namespaces: namespaces.length,
    requests: journal.entries.at(-1)?.number ?? 0,
  };
}

/** Calls a script's `scheduled` handler at once, for `{"script", "cron", "scheduledTime"}`. */
async function runScheduled({ runtime }: Cloud, order: unknown): Promise<Answer> {
  const { script, cron = "", scheduledTime = Date.now() } = isRecord(order) ? order : {};
  if (typeof script !== "string") throw new TypeError("script: give the name of a script.");
  if (typeof cron !== "string") throw new TypeError("cron: give the expression as a string.");
  if (typeof scheduledTime !== "number") {
    throw new TypeError("scheduledTime: give milliseconds since 1970.");
  }
  const result = await runtime.runScheduled(script, { cron, scheduledTime });
  return result === null
    ? jsonAnswer(404, { error: `No script '${script}' runs.` })
    : jsonAnswer(200, result);
}

/** @throws {TypeError} when there is no such namespace */
async function objectsOf({ store, runtime }: Cloud, id: string | null): Promise<StoredObject[]> {
  const namespace = store.state.namespaces.find((each) => each.id === id);
  if (namespace === undefined) {
    throw new TypeError(`namespace: '${id ?? ""}' is none of the account; see GET state.`);
  }
  return runtime.listObjects(namespace.id);
}

function lastEntries(journal: Journal, last: string | null): Journal["entries"] {
  if (last === null) return journal.entries;
  const count = Number(last);
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new TypeError(`last: '${last}' is not allowed; give a whole number.`);
  }
  return count === 0 ? [] : journal.entries.slice(-count);
}

function removeFault(faults: FaultSource, id: number): Answer {
  if (faults.remove(id)) return faultsAnswer(faults);
  return jsonAnswer(404, { error: `There is no fault ${id}; it is used up or was removed.` });
}

function faultsAnswer(faults: FaultSource): Answer {
  const { eventualConsistencyMs } = faults;
  return jsonAnswer(200, { faults: faults.list(), eventualConsistencyMs });
}

function masked(socket: OpenSocket): OpenSocket {
  return { ...socket, url: maskPath(socket.url) };
}

function parse(body: Buffer): unknown {
  return parseJsonText(body.toString("utf8"));
}
