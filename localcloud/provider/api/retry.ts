import { setTimeout as delay } from "node:timers/promises";

/**
 * When a request is sent again. The statuses and the number of tries are those of the real provider
 * (cloudflare-go v6.6.0, internal/requestconfig: 10 retries, 408, 409, 429, 5xx, no answer). The
 * waits are not: it doubles from 2 s to 30 s, which is three minutes of silence before an error.
 */
export interface RetryPolicy {
  readonly retries: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/** Waits 3.3 s in all, which outlasts a restart of the local cloud. */
export const LOCAL_RETRIES: RetryPolicy = { retries: 10, firstWaitMs: 25, longestWaitMs: 500 };

/** A wait longer than this, asked for by Retry-After, is not honoured; the real provider waits for as long as it is told. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** True when an answer asks to be asked again. `x-should-retry` overrules the status. */
export function shouldRetry(httpStatus: number, headers: HeaderBag): boolean {
  const told = header(headers, "x-should-retry");
  if (told === "true") return true;
  if (told === "false") return false;
  return [408, 409, 429].includes(httpStatus) || httpStatus >= 500;
}

/** Milliseconds before try number `tries` + 1; `tries` counts from 1. */
export function waitMs(
  policy: RetryPolicy,
  tries: number,
  headers: HeaderBag,
  nowMs: number,
): number {
  const asked = retryAfterMs(headers, nowMs);
  if (asked !== null && asked >= 0 && asked < LONGEST_RETRY_AFTER_MS) return asked;
  return Math.min(policy.firstWaitMs * 2 ** (tries - 1), policy.longestWaitMs);
}

/** Waits, unless or until the signal aborts: then it rejects with the signal's AbortError. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}

/** Headers as node:http gives them. */
export type HeaderBag = Readonly<Record<string, string | string[] | undefined>>;

/** The first value of a header. */
export function header(headers: HeaderBag, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function retryAfterMs(headers: HeaderBag, nowMs: number): number | null {
  const exact = Number(header(headers, "retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(exact)) return exact;
  const text = header(headers, "retry-after");
  if (text === undefined || text.trim() === "") return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : date - nowMs;
}
