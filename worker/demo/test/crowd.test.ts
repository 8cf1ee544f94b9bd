import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { VisitorStatus } from "../../../client/src/index.ts";
import { Crowd, type Refusal } from "../crowd.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A crowd whose members and server are the test's. */
function invite(size: number, waitMs: () => number = () => 0) {
  const members: { hear: (status: VisitorStatus) => void; hasLeft: boolean }[] = [];
  const ask = vi.fn<() => Promise<Refusal>>(async () => ({
    message: "too many connections",
    retryAfterMs: 60_000,
  }));
  const crowd = new Crowd({
    join(hear) {
      const member = { hear, hasLeft: false };
      members.push(member);
      return () => (member.hasLeft = true);
    },
    waitMs,
    ask,
    changed: () => {},
  });
  crowd.invite(size);
  return { crowd, members, ask };
}

test("they come one after the other until all are here", () => {
  const { crowd, members } = invite(3);
  expect(members).toHaveLength(1);
  vi.advanceTimersByTime(50);
  expect(members).toHaveLength(2);
  vi.advanceTimersByTime(60_000);
  expect(members).toHaveLength(3);
  for (const { hear } of members) hear("live");
  expect([crowd.here, crowd.nextAtMs]).toEqual([3, undefined]);
});

test("the next waits as long as the limits say, and that can be shown", () => {
  let wait = 0;
  const { crowd, members } = invite(2, () => wait);
  wait = 10_000;
  vi.advanceTimersByTime(50);
  expect([members.length, crowd.nextAtMs]).toEqual([1, Date.now() + 10_000]);
  wait = 0;
  vi.advanceTimersByTime(10_000);
  expect([members.length, crowd.nextAtMs]).toEqual([2, undefined]);
});

test("who is refused leaves; the server is asked once, and the rest come when it says", async () => {
  const { crowd, members, ask } = invite(3);
  vi.advanceTimersByTime(50);
  members[0]?.hear("retrying");
  members[1]?.hear("retrying");
  await vi.advanceTimersByTimeAsync(59_999);
  expect(members.map(({ hasLeft }) => hasLeft)).toEqual([true, true]);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(crowd.refusal).toBe("too many connections");
  await vi.advanceTimersByTimeAsync(1 + 150);
  expect(members).toHaveLength(5);
  members[4]?.hear("live");
  expect([crowd.here, crowd.refusal]).toEqual([1, undefined]);
});

test("a refusal stands while those who are here hear another number", async () => {
  const { crowd, members } = invite(2);
  members[0]?.hear("live");
  vi.advanceTimersByTime(50);
  members[1]?.hear("retrying");
  await vi.advanceTimersByTimeAsync(0);
  members[0]?.hear("live");
  expect(crowd.refusal).toBe("too many connections");
});

test("who was here and lost the connection comes back by their own client", () => {
  const { members, ask } = invite(1);
  members[0]?.hear("live");
  members[0]?.hear("retrying");
  expect([members[0]?.hasLeft, ask.mock.calls.length]).toEqual([false, 0]);
});

test("a crowd that is sent away leaves and nobody follows", () => {
  const { crowd, members } = invite(3);
  vi.advanceTimersByTime(50);
  crowd.dismiss();
  vi.advanceTimersByTime(60_000);
  expect(members.map(({ hasLeft }) => hasLeft)).toEqual([true, true]);
  expect([crowd.size, crowd.here]).toEqual([0, 0]);
});

test("an answer that comes after the crowd was sent away changes nothing", async () => {
  const { crowd, members } = invite(2);
  members[0]?.hear("retrying");
  crowd.dismiss();
  await vi.advanceTimersByTimeAsync(120_000);
  expect([members.length, crowd.refusal, crowd.nextAtMs]).toEqual([1, undefined, undefined]);
});
