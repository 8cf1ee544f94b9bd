import type { Patch } from "./bundle.ts";
import type { Terms } from "./terms.ts";

export const SUBJECT_NAMES = ["ours", "naive", "partyserver"] as const;
export type SubjectName = (typeof SUBJECT_NAMES)[number];

/** A Worker that can be put to the test. */
export interface Subject {
  readonly name: string;
  /** The Worker's entry, from the repository's root. */
  readonly entry: string;
  /** The `SETTINGS` binding. */
  readonly settings: object;
  readonly patches: readonly Patch[];
  readonly terms: Terms;
}

const STALE_AFTER_MS = 1_800;
const BEAT_MS = 600;

const COMMON = { beatMs: BEAT_MS, staleAfterMs: STALE_AFTER_MS, settleMs: 6_000, stayMs: 300 };

const OURS: Subject = {
  name: "ours",
  entry: "worker/src/index.ts",
  settings: {
    limits: { staleAfterMs: STALE_AFTER_MS, sweepEveryMs: 100, tabsPerVisitor: 3 },
  },
  // What is no setting is scaled like what is one.
  patches: [
    {
      file: "protocol/src/limits.ts",
      find: "MESSAGE_WINDOW_MS = 10_000",
      replace: "MESSAGE_WINDOW_MS = 1_000",
    },
    {
      file: "worker/src/rules/stale.ts",
      find: "ALARM_SPACING_MS = 1_000",
      replace: "ALARM_SPACING_MS = 100",
    },
  ],
  terms: {
    ...COMMON,
    hasPings: true,
    isGuarded: true,
    tabsPerVisitor: 3,
    silenceEndsMs: STALE_AFTER_MS + BEAT_MS,
    closesContractClients: true,
    lagMs: 3_000,
  },
};

const NAIVE: Subject = {
  name: "naive",
  entry: "bench/workers/naive.ts",
  settings: {},
  patches: [
    {
      file: "bench/workers/naive.ts",
      find: "STALE_AFTER_MS = 45_000",
      replace: `STALE_AFTER_MS = ${STALE_AFTER_MS}`,
    },
  ],
  terms: {
    ...COMMON,
    hasPings: false,
    isGuarded: false,
    tabsPerVisitor: null,
    // Its alarm looks once in each such time.
    silenceEndsMs: 2 * STALE_AFTER_MS,
    closesContractClients: false,
    lagMs: 3_000,
  },
};

const PARTYSERVER: Subject = {
  ...NAIVE,
  name: "partyserver",
  entry: "bench/workers/partyserver.ts",
  patches: [],
};

export const SUBJECTS: { readonly [name in SubjectName]: Subject } = {
  ours: OURS,
  naive: NAIVE,
  partyserver: PARTYSERVER,
};
