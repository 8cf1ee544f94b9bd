import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from "node:http";
import { type Socket, connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { EdgeTable, OpenSocket, Runtime, ScriptAddress } from "../runtime/types.ts";
import { type Answer, badRequest, noWorker, notRunning } from "./answers.ts";
import { type RequestHead, forwardedHeaders, readHead } from "./head.ts";
import { findTarget, routedHostname } from "./target.ts";
import { type VersionWish, chooseVersion } from "./version-choice.ts";

/** What a request needs on its way. */
export interface EdgeContext {
  table: EdgeTable;
  runtime: Pick<Runtime, "address">;
  agent: Agent;
  /** The open WebSockets, oldest first. */
  joined: Map<Socket, OpenSocket>;
}

/** A request whose script is known. */
export interface Routed {
  head: RequestHead;
  script: string;
  by: string;
  wish: VersionWish;
}

export function routeRequest(edge: EdgeContext, request: IncomingMessage): Routed | Answer {
  const head = readHead(request);
  if (head === null) return badRequest();
  const target = findTarget(edge.table, {
    scheme: "http",
    hostname: routedHostname(head.hostname),
    pathAndQuery: head.pathAndQuery,
  });
  if (target.script === null) return noWorker(head, target.why, edge.table);
  const { script, by } = target;
  return { head, script, by, wish: wishOf(script, request) };
}

function wishOf(script: string, { headers }: IncomingMessage): VersionWish {
  const [key, overrides] = [
    headers["cloudflare-workers-version-key"],
    headers["cloudflare-workers-version-overrides"],
  ].map((value) => value?.toString());
  return { script, key, overrides };
}

/** Where the version runs that gets the request; where its script does, when that version just went. */
async function addressOf(
  { table, runtime }: EdgeContext,
  { script, wish }: Routed,
): Promise<ScriptAddress | null> {
  const name = chooseVersion(table.versions(script), wish, Math.random)?.runsAs ?? script;
  const address = await runtime.address(name);
  return address === null && name !== script ? runtime.address(script) : address;
}

/**
 * Before each further attempt. Without a pause first, as a kept connection may just have been closed; then
 * what it takes to notice that a workerd died, after which its address waits for the next one.
 */
const PAUSES_MS = [0, 50, 500];

/**
 * Asks the script, waiting for a swap that is under way. A request that may be repeated is, when the
 * script goes away before it answered: it then reaches the version that comes next, or the same one again.
 * Null when the client left meanwhile; throws what came in the way of the last attempt.
 */
export async function askScript<Result>(
  edge: EdgeContext,
  routed: Routed,
  options: { canRepeat: boolean; isClientGone: () => boolean },
  ask: (address: ScriptAddress) => Promise<Result>,
): Promise<Result | Answer | null> {
  for (let attempt = 0; ; attempt++) {
    const address = await addressOf(edge, routed);
    if (options.isClientGone()) return null;
    if (address === null) return notRunning(routed.script, routed.by);
    const end = address.begin?.();
    try {
      return await ask(address);
    } catch (error) {
      if (options.isClientGone()) return null;
      if (!options.canRepeat || attempt === PAUSES_MS.length) throw error;
    } finally {
      end?.();
    }
    await delay(PAUSES_MS[attempt]);
  }
}

/**
 * Begins the request to the script: its head is on the way, the body is the caller's business.
 * `extra` is a flat list of names and values.
 */
export function openRequest(
  address: ScriptAddress,
  request: IncomingMessage,
  head: RequestHead,
  options: { agent?: Agent; extra?: readonly string[] },
): ClientRequest {
  const { host, port } = address;
  const headers = [
    ...forwardedHeaders(request, head),
    ...Object.entries(address.headers).flat(),
    ...(options.extra ?? []),
  ];
  const common = { host, port, method: request.method ?? "GET", path: head.url, headers };
  const { agent } = options;
  return agent === undefined
    ? httpRequest({ ...common, createConnection: () => connectHalfOpen(host, port) })
    : httpRequest({ ...common, agent });
}

/** The client's end of the conversation may close before the script's does. */
function connectHalfOpen(host: string, port: number): Socket {
  return connect({ host, port, allowHalfOpen: true, noDelay: true });
}
