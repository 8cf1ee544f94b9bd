import { MAX_MESSAGES_PER_WINDOW, MESSAGE_WINDOW_MS } from "@visitor-tracker/protocol";

const MESSAGE_COST_MS = MESSAGE_WINDOW_MS / MAX_MESSAGES_PER_WINDOW;

/** What a connection has used of its allowance: milliseconds of a window, and when that was so. */
export type MessageDebt = readonly [debtMs: number, atMs: number];

export function isMessageDebt(value: unknown): value is MessageDebt {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}

/**
 * Counts one message against a connection's allowance: a full window's worth at once, and one more
 * each {@link MESSAGE_COST_MS}. A clock that is set back gives nothing and takes nothing.
 * @param debt what the previous call returned; undefined at the first message
 * @returns null when this message is beyond the allowance
 */
export function spendMessage(debt: MessageDebt | undefined, nowMs: number): MessageDebt | null {
  const [beforeMs, atMs] = debt ?? [0, nowMs];
  const paidMs = Math.max(0, nowMs - atMs);
  const debtMs = Math.max(0, beforeMs - paidMs) + MESSAGE_COST_MS;
  return debtMs > MESSAGE_WINDOW_MS ? null : [debtMs, nowMs];
}
