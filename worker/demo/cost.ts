/** What the connections of this tab asked of Cloudflare. */
export interface Usage {
  /** Attempts to connect, and questions why one failed: one request to the Worker each. */
  readonly workerRequests: number;
  /** Connections that were made: one request to the page's Durable Object each. */
  readonly joins: number;
  /** Messages that wake the object. Pings do not, and are free. */
  readonly wakingMessages: number;
}

/** https://developers.cloudflare.com/workers/platform/pricing/, read on 2026-11-24. */
const WORKER_DOLLARS_PER_MILLION = 0.3;

/** https://developers.cloudflare.com/durable-objects/platform/pricing/, read on 2026-11-24. */
const OBJECT_DOLLARS_PER_MILLION = 0.15;

/** As above: 20 incoming messages are billed as one request. */
const MESSAGES_PER_REQUEST = 20;

/** Dollars at list price, without what a plan includes. */
export function costOf({ workerRequests, joins, wakingMessages }: Usage): number {
  const objectRequests = joins + wakingMessages / MESSAGES_PER_REQUEST;
  const perMillion =
    workerRequests * WORKER_DOLLARS_PER_MILLION + objectRequests * OBJECT_DOLLARS_PER_MILLION;
  return perMillion / 1_000_000;
}

const CENTS = new Intl.NumberFormat("en", { style: "currency", currency: "USD" });
const TINY = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 2,
});

/** "$0.45"; below a cent with its first two digits that are not 0: "$0.00000045". */
export function dollars(amount: number): string {
  return amount > 0 && amount < 0.01 ? TINY.format(amount) : CENTS.format(amount);
}
