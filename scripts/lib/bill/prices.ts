/** What Cloudflare counts and charges for. */
export type Meter =
  | "workerRequests"
  | "workerCpuMs"
  | "objectRequests"
  | "durationGbS"
  | "rowsWritten";

export interface Price {
  readonly name: string;
  /** What one of it is called, in the plural. */
  readonly unit: string;
  readonly dollarsPerMillion: number;
  /** Units that the paid plan includes each month. */
  readonly includedAMonth: number;
  /** Units that the free plan allows each day, after which operations fail; null for no such cap. */
  readonly freeADay: number | null;
  readonly source: string;
}

const WORKERS = "https://developers.cloudflare.com/workers/platform/pricing/";
const DURABLE_OBJECTS = "https://developers.cloudflare.com/durable-objects/platform/pricing/";

/** When the pages below were read. */
export const PRICES_READ_ON = "2026-11-24";

/** Minimum charge of the Workers Paid plan, which all Workers of an account share. */
export const PLAN_DOLLARS_A_MONTH = 5;

/** Incoming WebSocket messages that are billed as one Durable Object request. */
export const MESSAGES_PER_REQUEST = 20;

/** Memory that an object is billed for while it is active, in GB, whatever it uses. */
export const BILLED_GB = 0.128;

/** List prices. Everything else on those pages (egress, outgoing messages, idle objects) is free. */
export const PRICES: { readonly [meter in Meter]: Price } = {
  workerRequests: {
    name: "Worker requests",
    unit: "requests",
    dollarsPerMillion: 0.3,
    includedAMonth: 10_000_000,
    freeADay: 100_000,
    source: WORKERS,
  },
  workerCpuMs: {
    name: "Worker CPU time",
    unit: "ms",
    dollarsPerMillion: 0.02,
    includedAMonth: 30_000_000,
    // The free plan's limit is 10 ms for each request instead.
    freeADay: null,
    source: WORKERS,
  },
  objectRequests: {
    name: "Durable Object requests",
    unit: "requests",
    dollarsPerMillion: 0.15,
    includedAMonth: 1_000_000,
    freeADay: 100_000,
    source: DURABLE_OBJECTS,
  },
  durationGbS: {
    name: "Durable Object duration",
    unit: "GB-s",
    dollarsPerMillion: 12.5,
    includedAMonth: 400_000,
    freeADay: 13_000,
    source: DURABLE_OBJECTS,
  },
  rowsWritten: {
    name: "Rows written",
    unit: "rows",
    dollarsPerMillion: 1,
    includedAMonth: 50_000_000,
    freeADay: 100_000,
    source: DURABLE_OBJECTS,
  },
};

export const METERS: readonly Meter[] = [
  "workerRequests",
  "workerCpuMs",
  "objectRequests",
  "durationGbS",
  "rowsWritten",
];
