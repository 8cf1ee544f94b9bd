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
const TABS_PER_VISITOR = 3;
const HOLD_MS = 3_000;
const CHECK_MS = 600;

const COMMON = {
  shards: 1,
  holdMs: 0,
  beatMs: BEAT_MS,
  staleAfterMs: STALE_AFTER_MS,
  settleMs: 6_000,
  stayMs: 300,
  steadyMs: 1_200,
  lagMs: 3_000,
};

const OURS: Subject = {
  name: "ours",
  entry: "worker/src/index.ts",
  settings: {
    limits: {
      staleAfterMs: STALE_AFTER_MS,
      sweepEveryMs: 100,
      tabsPerVisitor: TABS_PER_VISITOR,
      splitAtSockets: 6,
      mergeAfterMs: 1_000,
    },
  },
  // What is no setting is scaled like what is one.
  patches: [
    scaled("protocol/src/limits.ts", "MESSAGE_WINDOW_MS = 10_000", "1_000"),
    scaled("protocol/src/limits.ts", "READ_FRESH_MS = 5_000", "100"),
    scaled("worker/src/rules/stale.ts", "ALARM_SPACING_MS = 1_000", "100"),
    scaled("worker/src/shard/mover.ts", "HOLD_MS = 15_000", String(HOLD_MS)),
    scaled("worker/src/shard/peer.ts", "PEER_TIMEOUT_MS = 5_000", "1_000"),
    scaled("worker/src/shard/root.ts", "SILENCE_MS = 2_000", "500"),
    scaled("worker/src/reads/fresh-reads.ts", "FAILED_MS = 1_000", "100"),
  ],
  terms: {
    ...COMMON,
    hasPings: true,
    isGuarded: true,
    tabsPerVisitor: TABS_PER_VISITOR,
    shards: 4,
    holdMs: HOLD_MS + CHECK_MS,
    // Who is sent elsewhere just before is held once more.
    silenceEndsMs: STALE_AFTER_MS + BEAT_MS + HOLD_MS,
    closesContractClients: true,
  },
};

const NAIVE: Subject = {
  name: "naive",
  entry: "bench/workers/naive.ts",
  settings: {},
  patches: [scaled("bench/workers/naive.ts", "STALE_AFTER_MS = 45_000", String(STALE_AFTER_MS))],
  terms: {
    ...COMMON,
    hasPings: false,
    isGuarded: false,
    tabsPerVisitor: null,
    // Its alarm looks once in each such time.
    silenceEndsMs: 2 * STALE_AFTER_MS,
    closesContractClients: false,
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

/** @param definition of a constant, as `NAME = value` */
function scaled(file: string, definition: string, value: string): Patch {
  const [name = ""] = definition.split(" = ");
  return { file, find: definition, replace: `${name} = ${value}` };
}
