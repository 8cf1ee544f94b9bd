import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ModelClient } from "./support/model-client.ts";
import { PageModel } from "./support/page-model.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Longer than anything of a split or merge takes: visitors are held for 15 s. */
const REST_MS = 40_000;

/** Mulberry32: one number is the whole run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Run {
  readonly page: PageModel;
  readonly random: () => number;
  readonly clients: ModelClient[];
  /** Of all calls between objects, the part that fails. */
  failureRate: number;
  readonly join: (options?: { readonly isObserver?: boolean; readonly hash?: string }) => void;
}

function start(seed: number, splitAtSockets = 3): Run {
  // Objects of the run before that have died keep theirs.
  vi.clearAllTimers();
  const random = randomOf(seed);
  const network = { delayMs: () => 1 + random() * 60, fails: () => random() < run.failureRate };
  const page = new PageModel({
    limits: { splitAtSockets, mergeAfterMs: 1_000 },
    network,
    random,
  });
  const newHash = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(36)
      .padStart(7, "0");
  const clients: ModelClient[] = [];
  const run: Run = {
    page,
    random,
    clients,
    failureRate: 0,
    join: ({ isObserver = false, hash = newHash() } = {}) => {
      clients.push(new ModelClient(page, hash, { isObserver }));
    },
  };
  return run;
}

/** What happens to a page, each after a while. */
type Act =
  | { readonly kind: "join" | "observe"; readonly waitMs: number }
  | { readonly kind: "tab" | "leave" | "restart"; readonly which: number; readonly waitMs: number };

const WAIT = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 }));

const ACT: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("join" as const), waitMs: WAIT }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("observe" as const), waitMs: WAIT }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("tab" as const, "leave" as const),
      which: fc.nat(),
      waitMs: WAIT,
    }),
  },
);

const RESTART: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant("restart" as const),
  which: fc.nat(),
  waitMs: WAIT,
});

async function play({ page, clients, join }: Run, acts: readonly Act[]): Promise<void> {
  for (const act of acts) {
    const which = "which" in act ? act.which : 0;
    const client = clients[which % Math.max(1, clients.length)];
    if (act.kind === "join") join();
    else if (act.kind === "observe") join({ isObserver: true });
    else if (act.kind === "restart") page.restart(which % 16);
    else if (act.kind === "tab" && client !== undefined) join({ hash: client.hash });
    else if (act.kind === "leave" && client !== undefined) {
      clients.splice(clients.indexOf(client), 1);
      client.leave();
    }
    await vi.advanceTimersByTimeAsync(act.waitMs);
  }
}

/** Lets everything come to rest, and compares what everybody was told last with the truth. */
async function expectTruth({ page, clients }: Run): Promise<void> {
  await vi.advanceTimersByTimeAsync(REST_MS);
  const visitors = new Set(clients.flatMap(({ hash, isObserver }) => (isObserver ? [] : [hash])));
  const told = clients.map(({ counts }) => counts.at(-1));
  expect(told).toEqual(clients.map(() => visitors.size));
  expect(page.layout.from).toBeNull();
  expect(page.hasDead ? 0 : vi.getTimerCount()).toBe(0);
}

/** Tabs and observers: they split a page, and do not change its number. */
async function addOthers({ clients, random, join }: Run, size: number): Promise<void> {
  const hosts = [...clients];
  for (let number = 0; number < size; number++) {
    const host = hosts[Math.floor(random() * hosts.length)];
    join(random() < 0.5 || host === undefined ? { isObserver: true } : { hash: host.hash });
    await vi.advanceTimersByTimeAsync(random() * 500);
  }
}

/** What was told since all knew the truth. */
function toldTo(clients: readonly ModelClient[]): Set<number> {
  return new Set(clients.flatMap(({ counts }) => counts));
}

describe("everybody is told the truth in the end", () => {
  test("whoever comes and goes, with however many tabs", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(ACT, { maxLength: 80 }), async (seed, acts) => {
        const run = start(seed);
        await play(run, acts);
        await expectTruth(run);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test("when a fifth of the calls between objects fails meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(ACT, { maxLength: 80 }), async (seed, acts) => {
        const run = start(seed);
        run.failureRate = 0.2;
        await play(run, acts);
        run.failureRate = 0;
        await expectTruth(run);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test("when objects lose what they know and their connections, and calls fail", async () => {
    const act = fc.oneof({ weight: 12, arbitrary: ACT }, { weight: 1, arbitrary: RESTART });
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(act, { maxLength: 80 }), async (seed, acts) => {
        const run = start(seed);
        run.failureRate = 0.1;
        await play(run, acts);
        run.failureRate = 0;
        await expectTruth(run);
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("nobody is told another number while visitors move and none comes or goes", () => {
  test("while the page is split, and while it is merged", async () => {
    const size = fc.integer({ min: 1, max: 24 });
    await fc.assert(
      fc.asyncProperty(fc.integer(), size, size, async (seed, visitors, others) => {
        const run = start(seed, 8);
        const { clients, join } = run;
        while (clients.length < visitors) join();
        await expectTruth(run);
        for (const { counts } of clients) counts.splice(0, counts.length - 1);
        await addOthers(run, others);
        await expectTruth(run);
        for (const client of clients.splice(visitors)) client.leave();
        await expectTruth(run);
        expect(toldTo(clients)).toEqual(new Set([visitors]));
      }),
      { numRuns: 15 },
    );
  }, 60_000);
});

test("nobody is told a smaller number while visitors move, others join, and none leaves", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const { page, clients, join } = start(seed, 12);
      for (let number = 0; number < 12; number++) join();
      await vi.advanceTimersByTimeAsync(2_000);
      for (let number = 0; number < 40; number++) {
        join();
        await vi.advanceTimersByTimeAsync(150);
      }
      expect(page.layout.shards).toBeGreaterThan(1);
      await vi.advanceTimersByTimeAsync(REST_MS);
      // Who moves may be told by the next shard what it heard a moment before.
      const settled = clients.filter(({ moves }) => moves === 0);
      for (const { counts } of settled) expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    }),
    { numRuns: 12 },
  );
}, 60_000);
