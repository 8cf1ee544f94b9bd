import { channel } from "node:diagnostics_channel";

/** An answer of the API, as it is sent. */
export interface ToldAnswer {
  method: string;
  /** The path's template in the endpoint table; null when no endpoint has it. */
  endpoint: string | null;
  status: number;
  /** What the body says; undefined when it is no JSON. */
  json?: unknown;
}

/** Of node:diagnostics_channel: who watches sees the answers of all local clouds in the process. */
const answers = channel("localcloud:answer");

/** Costs nothing while nobody watches. */
export function tellAnswer({ method, endpoint, status, json }: ToldAnswer): void {
  if (answers.hasSubscribers) answers.publish({ method, endpoint, status, json });
}
