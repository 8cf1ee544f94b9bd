import { MESSAGES_PER_REQUEST, type Meter } from "./prices.ts";

/** What is used in some time, before anything is included or rounded. */
export interface Usage {
  readonly workerRequests: number;
  readonly workerCpuMs: number;
  /** HTTP requests, RPC calls and alarms: one request each. */
  readonly objectRequests: number;
  /** Incoming WebSocket messages that wake the object. */
  readonly objectMessages: number;
  readonly durationGbS: number;
  readonly rowsWritten: number;
}

export const NOTHING: Usage = {
  workerRequests: 0,
  workerCpuMs: 0,
  objectRequests: 0,
  objectMessages: 0,
  durationGbS: 0,
  rowsWritten: 0,
};

export function addUsage(parts: Iterable<Usage>): Usage {
  const sum = { ...NOTHING };
  for (const part of parts) {
    for (const key of USAGE_KEYS) sum[key] += part[key];
  }
  return sum;
}

export function scaleUsage(usage: Usage, factor: number): Usage {
  const scaled = { ...NOTHING };
  for (const key of USAGE_KEYS) scaled[key] = usage[key] * factor;
  return scaled;
}

/**
 * What the bill counts.
 * @param messagesPerRequest 1 for a cap that takes messages as requests
 */
export function billedUnits(
  { objectMessages, ...usage }: Usage,
  messagesPerRequest: number = MESSAGES_PER_REQUEST,
): { readonly [meter in Meter]: number } {
  return { ...usage, objectRequests: usage.objectRequests + objectMessages / messagesPerRequest };
}

const USAGE_KEYS = [
  "workerRequests",
  "workerCpuMs",
  "objectRequests",
  "objectMessages",
  "durationGbS",
  "rowsWritten",
] as const satisfies readonly (keyof Usage)[];
