/**
 * How a subject is spoken to, and what it is held to. Times are about thirty times shorter than in
 * production, so that a visitor who falls silent is missed within two seconds instead of a minute.
 */
export interface Terms {
  /** Whether it takes `v=2` clients that ping, and observers; else contract clients alone. */
  readonly hasPings: boolean;
  /** Whether it refuses what no client should send. */
  readonly isGuarded: boolean;
  /** Tabs of one visitor that it keeps; null for all. */
  readonly tabsPerVisitor: number | null;
  /** Objects that a page may be spread over; 1 where it never is. */
  readonly shards: number;
  /** Who was sent to another object and does not get there is counted for that long. */
  readonly holdMs: number;
  /** A client gives a sign of life this often. */
  readonly beatMs: number;
  /** Nobody may be dropped as silent sooner than this after a sign of life. */
  readonly staleAfterMs: number;
  /** By when who fell silent must have been noticed, after their last sign of life. */
  readonly silenceEndsMs: number;
  /** Whether a contract client that fell silent is closed though nobody else is there. */
  readonly closesContractClients: boolean;
  /** Longest that a count may take to reach everyone once all is quiet; far above what it takes. */
  readonly settleMs: number;
  /** Who has been told a count that long ago, and is still there, must be in every count. */
  readonly steadyMs: number;
  /** How long a count must hold then. */
  readonly stayMs: number;
  /** A number told this long after it was true is wrong. */
  readonly lagMs: number;
}
