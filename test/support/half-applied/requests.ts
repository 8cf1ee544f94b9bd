import type { FaultRule, JournalEntry } from "../../../localcloud/src/index.ts";

/** A request that an operation makes, found again in a later run of the same operation. */
export interface KnownRequest {
  readonly method: string;
  /** Below the API's root, without the query. */
  readonly path: string;
  /** How many requests of this method and path come before it. */
  readonly before: number;
}

/**
 * How a request fails. An answer that is lost once is asked for again by the provider itself, which
 * then meets what the first request did. A killed engine never hears of what the API did.
 */
export type Way = "error" | "dropped" | "lost once" | "lost" | "killed";

export const WAYS: readonly Way[] = ["error", "dropped", "lost once", "lost", "killed"];

const ALWAYS = 1_000_000;

const FAULTS: Readonly<Record<Way, FaultRule>> = {
  // The header saves the three minutes in which the provider would ask again.
  error: {
    status: 500,
    message: "An internal error was injected.",
    headers: { "x-should-retry": "false" },
    times: ALWAYS,
  },
  dropped: { drop: true, times: ALWAYS },
  "lost once": { drop: true, after: true, times: 1 },
  lost: { drop: true, after: true, times: ALWAYS },
  // Ended by the kill, which closes the connection.
  killed: { delayMs: 600_000, times: 1 },
};

/** The requests of a run, in the order in which they arrived. */
export function requestsOf(journal: readonly JournalEntry[], apiUrl: string): KnownRequest[] {
  const root = new URL(apiUrl).pathname;
  const seen = new Map<string, number>();
  return journal.map(({ method, path: target }) => {
    const path = target.replace(/\?.*$/, "").slice(root.length);
    const key = `${method} ${path}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return { method, path, before };
  });
}

export function isWrite({ method }: KnownRequest): boolean {
  return method !== "GET";
}

/** The ways that differ: a request that changes nothing is not applied, whether its answer is lost or not. */
export function waysFor(request: KnownRequest): readonly Way[] {
  return isWrite(request) ? WAYS : ["error", "dropped"];
}

/** Makes this request fail, and every repetition of it. */
export function faultFor({ method, path, before }: KnownRequest, way: Way): FaultRule {
  return { method, path: `^${escapePattern(path)}$`, skip: before, ...FAULTS[way] };
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
