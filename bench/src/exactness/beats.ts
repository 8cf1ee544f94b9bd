import { serializeHeartbeat } from "@visitor-tracker/protocol";
import { TEXT, encodeFrame } from "./frames.ts";
import type { TabOptions } from "./tab-options.ts";

/** The contract's heartbeat. */
export function heartbeatFrame({ userId, page }: TabOptions): Buffer {
  return encodeFrame(TEXT, serializeHeartbeat(userId, page, Date.now()));
}

/**
 * Whether a client that pings also sends the contract's heartbeat, to have the silent looked for:
 * two of a page's clients do in each interval in which it was quiet.
 * @param quietMs time since the last count
 */
export function isSweepDue(tab: TabOptions, count: number, quietMs: number): boolean {
  const watchers = count + Number(tab.isObserver);
  return watchers > 1 && quietMs >= tab.beatMs && tab.random.chance(2 / watchers);
}
