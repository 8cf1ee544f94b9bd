import type { Random } from "./random.ts";
import type { Client } from "./steps.ts";
import type { Tab } from "./tab.ts";

export interface TabOptions {
  readonly tab: number;
  /** Number of the visitor; whether an observer or not. */
  readonly visitor: number;
  readonly client: Client;
  readonly isObserver: boolean;
  /** Whether it answers no close, and goes on pinging over what was closed. */
  readonly isRude: boolean;
  readonly userId: string;
  readonly page: string;
  readonly port: number;
  readonly path: string;
  readonly beatMs: number;
  /** Longest wait before the first attempt to connect again; it doubles with each, thrice. */
  readonly reconnectMs: number;
  readonly random: Random;
}

/** Whom a tab tells what it is told. */
export interface TabEvents {
  /** Something happened that a checkpoint may be waiting for. */
  changed(): void;
  /** @param count as the server said */
  told(tab: Tab, count: number): void;
  /** The server did not upgrade, and said so with this HTTP status; the tab tries again. */
  refused(tab: Tab, status: number): void;
  /**
   * The server ended the connection.
   * @param code of its close frame; null when the connection just ended
   */
  closed(tab: Tab, code: number | null): Verdict;
}

/** Whether a client whose connection ended connects again. */
export type Verdict = "return" | "stay away";

export type TabState = "connecting" | "open" | "waiting" | "leaving" | "silent" | "over";
