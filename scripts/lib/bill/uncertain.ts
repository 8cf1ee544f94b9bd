import { type Parts, totalOf } from "./ours.ts";
import { BILLED_GB } from "./prices.ts";
import { HEARTBEATS_PER_SECOND } from "./rates.ts";
import { shardsOf } from "./shards.ts";
import { type Traffic, pageTraffic } from "./traffic.ts";
import { NOTHING, type Usage, addUsage } from "./usage.ts";

/** Something that Cloudflare's pages do not say, with what it would add to a day. */
export interface Uncertainty {
  readonly key: "pings" | "closes" | "slowEvents" | "uncachedReads";
  readonly what: string;
  readonly adds: Usage;
}

/** Pings in a day: the clients' signs of life that wake nothing. */
export function pingsADay({ visitors, contractShare, hoursADay }: Traffic): number {
  return visitors * (1 - contractShare) * HEARTBEATS_PER_SECOND * hoursADay * 3_600;
}

/** How many times longer than assumed an event might take. */
const SLOWER = 10;

export function uncertainties(traffic: Traffic, parts: Parts): readonly Uncertainty[] {
  const seconds = traffic.hoursADay * 3_600;
  const { joinsPerSecond } = pageTraffic(traffic);
  const closes = joinsPerSecond * traffic.pages * seconds;
  const objects = traffic.pages * shardsOf(pageTraffic(traffic));
  const idleGbS = Math.max(0, objects * seconds * BILLED_GB - totalOf(parts).durationGbS);
  const events = addUsage([parts.visits, parts.returns, parts.sweeps, parts.contractClients]);
  return [
    {
      key: "pings",
      what: "pings that the platform answers are billed as incoming messages after all",
      adds: { ...NOTHING, objectMessages: pingsADay(traffic) },
    },
    {
      key: "closes",
      what: "a close event is billed as an incoming message",
      adds: { ...NOTHING, objectMessages: closes },
    },
    {
      key: "slowEvents",
      what: `an event keeps the object active ${SLOWER} times as long as assumed`,
      adds: { ...NOTHING, durationGbS: Math.min((SLOWER - 1) * events.durationGbS, idleGbS) },
    },
    {
      key: "uncachedReads",
      what: "no cache helps readers, as on workers.dev, and each one asks the object",
      adds: {
        ...NOTHING,
        objectRequests: traffic.readsPerSecond * seconds - parts.reads.objectRequests,
      },
    },
  ];
}
