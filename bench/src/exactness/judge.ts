import {
  CLOSE_MOVED,
  CLOSE_PAGE_FULL,
  CLOSE_STALE,
  CLOSE_TOO_BIG,
  CLOSE_TOO_MANY,
  isFinalClose,
} from "@visitor-tracker/protocol";
import type { Terms } from "./terms.ts";

/** From the protocol's limits: this many at once are no flood. */
const MESSAGES_ALLOWED = 10;

/** What is known when the server ends a connection whose client did not ask for it. */
export interface CloseCase {
  /** Of the close frame; null when the connection just ended. */
  readonly code: number | null;
  readonly nowMs: number;
  /** Whether its signs of life are heartbeats, which an object may take later than they came. */
  readonly isContractClient: boolean;
  /** The server has had a sign of life no earlier than this. */
  readonly provenAliveMs: number;
  /** By how much the server's clock was set forward since. */
  readonly clockForwardMs: number;
  /** The client sent what has to be answered by a close. */
  readonly owesClose: boolean;
  /** Messages of its that may have reached the object within what is its allowance for them. */
  readonly messages: number;
  /** Other tabs of the visitor that the server may hold. */
  readonly tabsBeside: number;
  /** When connections were last cut by the harness: a redeployment or a restart. */
  readonly cutAtMs: number;
  /** Whether the page may be spread over several objects. */
  readonly mayMove: boolean;
}

/** @returns what is wrong with such a close; null when there was a reason for it */
export function judgeClose(close: CloseCase, terms: Terms): string | null {
  const { code, nowMs } = close;
  const isCut = nowMs - close.cutAtMs < terms.lagMs;
  if (code === null || code === 1006) {
    return isCut || close.owesClose ? null : "its connection was cut for no reason";
  }
  if (close.owesClose && (code === CLOSE_TOO_BIG || code === 1002)) return null;
  if (code === CLOSE_STALE) {
    const quietMs = nowMs - close.provenAliveMs + close.clockForwardMs;
    const isLate = close.isContractClient && quietMs >= terms.staleAfterMs / 3;
    if (isLate || quietMs >= terms.staleAfterMs) return null;
    return `it was closed as silent ${quietMs} ms after a sign of life`;
  }
  if (code === CLOSE_TOO_MANY) {
    const isFlood = close.messages > MESSAGES_ALLOWED;
    const isSurplus = terms.tabsPerVisitor !== null && close.tabsBeside >= terms.tabsPerVisitor;
    return isFlood || isSurplus ? null : "it was closed as one too many, which it was not";
  }
  if ((code === CLOSE_MOVED || code === CLOSE_PAGE_FULL) && close.mayMove) return null;
  return isCut ? null : `it was closed with ${code} for no reason`;
}

/** Whether a client that was closed with this code connects again, as the real one does. */
export function returnsAfter(code: number | null): boolean {
  return code === null || !isFinalClose(code);
}
