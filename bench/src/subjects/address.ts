import { isRecord } from "./is-record.ts";

/** Where a server listens, and the process that does the work. */
export interface Address {
  readonly port: number;
  readonly pid: number;
}

/** @throws Error when a child said something else */
export function parseAddress(value: unknown): Address {
  const { port, pid } = isRecord(value) ? value : {};
  if (typeof port === "number" && typeof pid === "number") return { port, pid };
  throw new Error(`a server said ${JSON.stringify(value)} instead of its port and pid`);
}
