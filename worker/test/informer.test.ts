import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Informer } from "../src/shard/informer.ts";
import type { Peer, Statement, View } from "../src/shard/peer.ts";

let total: number;
let heard: (number | null)[];
let seq: number;
/** Settles when the shard may answer. */
let answering: Promise<void>;
/** What the shard's next answers are: given, or lost on the way back. */
let answers: boolean[];
let informer: Informer;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.spyOn(console, "error").mockReturnValue();
  total = 6;
  heard = [];
  answers = [];
  seq = 0;
  answering = Promise.resolve();
  informer = new Informer({
    peer: () => shard,
    view,
    due: () => (informer.knows(1, view()) ? [] : [1]),
    isWatching: () => false,
    hear: () => {},
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function view(): View {
  return { start: "root", seq: ++seq, layout: { version: 1, shards: 4, from: null }, total };
}

const unused = (): Promise<never> => Promise.reject(new Error("not asked here"));
const shard: Peer = {
  report: unused,
  release: unused,
  sweep: unused,
  inform: async ({ total: told }) => {
    heard.push(told);
    const said: Statement = {
      start: "shard",
      seq: heard.length,
      index: 1,
      version: 1,
      visitors: 0,
      connections: 1,
      joins: 0,
      misplaced: 0,
    };
    await answering;
    if (answers.shift() === false) throw new Error("lost");
    return said;
  },
};

/** Has the number change, which is told then. */
async function change(to: number): Promise<void> {
  total = to;
  informer.schedule();
  await vi.advanceTimersByTimeAsync(0);
}

test("the first news goes out at once, later news when the interval is over, and then no timer is left", async () => {
  await change(5);
  expect(heard).toEqual([5]);
  await change(6);
  await change(7);
  await vi.advanceTimersByTimeAsync(249);
  expect(heard).toEqual([5]);
  await vi.advanceTimersByTimeAsync(1);
  expect(heard).toEqual([5, 7]);
  expect(vi.getTimerCount()).toBe(0);
});

test("what was not answered is told again, later each time", async () => {
  answers = [false, false];
  await change(5);
  await vi.advanceTimersByTimeAsync(499);
  expect(heard).toEqual([5]);
  await vi.advanceTimersByTimeAsync(1 + 1_000);
  expect(heard).toEqual([5, 5, 5]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a shard is told the number that it knew when it may have heard another meanwhile", async () => {
  await change(6);
  await vi.advanceTimersByTimeAsync(1_000);
  answers = [false];
  await change(5);
  await change(6);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toEqual([6, 5, 6]);
});

test("a shard that was told more by the answer to its report, meanwhile, is told what comes next", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  answering = promise;
  await change(7);
  total = 8;
  informer.note(1, view());
  resolve();
  await vi.advanceTimersByTimeAsync(0);
  await change(7);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(heard).toEqual([7, 7]);
});
