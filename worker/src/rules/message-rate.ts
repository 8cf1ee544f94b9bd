import { MAX_MESSAGES_PER_WINDOW, MESSAGE_WINDOW_MS } from "@visitor-tracker/protocol";

const MESSAGE_COST_MS = MESSAGE_WINDOW_MS / MAX_MESSAGES_PER_WINDOW;

/**
 * Counts one message against a connection's allowance: a full window's worth at once, and one more
 * each {@link MESSAGE_COST_MS}. One number is all the state, so it survives hibernation in an
 * attachment.
 * @param spentUntilMs what the previous call returned; undefined at the first message
 * @returns when the allowance is whole again; null when this message is beyond it
 */
export function spendMessage(spentUntilMs: number | undefined, nowMs: number): number | null {
  const start = Math.max(nowMs, spentUntilMs ?? nowMs);
  // Further ahead than a window cannot have been earned: the clock was set back.
  const spent = (start > nowMs + MESSAGE_WINDOW_MS ? nowMs : start) + MESSAGE_COST_MS;
  return spent > nowMs + MESSAGE_WINDOW_MS ? null : spent;
}
