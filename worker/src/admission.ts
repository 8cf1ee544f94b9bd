import type { Limits } from "@visitor-tracker/protocol";
import { refuseCrowd, refuseFull, refuseUnwatched } from "./join-refusals.ts";
import type { Join } from "./join-request.ts";
import type { Presence } from "./presence.ts";
import { JoinMeter } from "./rules/join-meter.ts";
import type { Store } from "./store.ts";

/** Joins are bounded over this time. */
const CROWD_SECONDS = 5;

export interface AdmissionOptions {
  readonly limits: Limits;
  readonly presence: Presence;
  readonly store: Store;
}

/** Takes connections in as long as this object can bear them. */
export class Admission {
  readonly joins: JoinMeter = new JoinMeter();
  readonly #ctx: DurableObjectState;
  readonly #options: AdmissionOptions;

  constructor(ctx: DurableObjectState, options: AdmissionOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** A WebSocket of which this object holds the second end, or the refusal. */
  async accept({ visitor, isContractClient }: Join, nowMs: number): Promise<Pair | Response> {
    const { limits, presence, store } = this.#options;
    const { roster } = presence;
    const recent = this.joins.within(CROWD_SECONDS, nowMs);
    if (recent >= CROWD_SECONDS * limits.joinsPerSecond) return refuseCrowd();
    if (roster.connections >= limits.socketsPerObject) return refuseFull();
    if (isContractClient && roster.contractConnections === 0) {
      // Before anybody counts it: who is refused here must not have been seen. No other event comes
      // in between: https://developers.cloudflare.com/durable-objects/reference/in-memory-state/
      try {
        await store.setAlarmBy(nowMs + limits.staleAfterMs);
      } catch (error) {
        // For example when the day's rows of a free plan are written.
        console.error(error);
        return refuseUnwatched();
      }
    }
    const pair = new WebSocketPair();
    try {
      this.#ctx.acceptWebSocket(pair[1], visitor === null ? [] : [visitor]);
    } catch (error) {
      // The platform's own limit, to which sockets count that were closed and have not gone yet.
      console.error(error);
      return refuseFull();
    }
    this.joins.add(nowMs);
    return pair;
  }
}

type Pair = InstanceType<typeof WebSocketPair>;
