/** What a Meter counts, in the order in which it is shown. */
export const METER_KEYS = [
  "constructed",
  "fetches",
  "messages",
  "closes",
  "errors",
  "alarms",
  "calls",
  "rowsWritten",
  "sends",
] as const;

/**
 * What the Durable Objects of a Worker did since they were started, all classes and objects
 * together. `constructed` to `calls` are invocations of them; `calls` are their own methods, called
 * by RPC. `rowsWritten` is as Cloudflare bills it: a key put or deleted, an alarm set or deleted, and
 * whatever SQL says it wrote. `sends` are messages to clients.
 */
export type Meter = { readonly [Key in (typeof METER_KEYS)[number]]: number };

export type MutableMeter = { -readonly [Key in keyof Meter]: Meter[Key] };

export function emptyMeter(): MutableMeter {
  return {
    constructed: 0,
    fetches: 0,
    messages: 0,
    closes: 0,
    errors: 0,
    alarms: 0,
    calls: 0,
    rowsWritten: 0,
    sends: 0,
  };
}
