import type { FaultRule } from "../src/fault-rule.ts";
import type { ActiveFault } from "../src/faults.ts";
import type { RunInfo } from "../src/http/control.ts";
import type { State } from "../src/model/state.ts";
import type { OpenSocket, StoredObject } from "../src/runtime/types.ts";

const ROOT = "/__localcloud";

export interface ActiveFaults {
  faults: ActiveFault[];
  eventualConsistencyMs: number;
}

/** Address of the journal as it grows, with the last requests first. */
export const JOURNAL: string = `${ROOT}/journal/stream?last=200`;

/** The account, secrets masked. */
export function fetchState(): Promise<State> {
  return ask("GET", "state");
}

export function fetchStatus(): Promise<RunInfo> {
  return ask("GET", "status");
}

/** The open WebSockets, oldest first. */
export async function fetchSockets(): Promise<OpenSocket[]> {
  const { sockets }: { sockets: OpenSocket[] } = await ask("GET", "sockets");
  return sockets;
}

export async function fetchObjects(namespaceId: string): Promise<StoredObject[]> {
  const { objects }: { objects: StoredObject[] } = await ask(
    "GET",
    `objects?namespace=${encodeURIComponent(namespaceId)}`,
  );
  return objects;
}

export function fetchFaults(): Promise<ActiveFaults> {
  return ask("GET", "faults");
}

export function addFault(rule: FaultRule): Promise<ActiveFaults> {
  return ask("POST", "faults", rule);
}

export function removeFault(id: number): Promise<ActiveFaults> {
  return ask("DELETE", `faults/${id}`);
}

export function setLagMs(eventualConsistencyMs: number): Promise<ActiveFaults> {
  return ask("PUT", "consistency", { eventualConsistencyMs });
}

export function runScheduled(script: string, cron: string): Promise<{ outcome: string }> {
  return ask("POST", "scheduled", { script, cron });
}

export function reset(): Promise<unknown> {
  return ask("POST", "reset");
}

/** @throws with the local cloud's own words when it refuses */
async function ask<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  const response = await fetch(`${ROOT}/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? answer.errors?.[0]?.message);
  return answer;
}
