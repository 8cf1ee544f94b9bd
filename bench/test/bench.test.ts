import { expect, test } from "vitest";
import { CONTESTANTS } from "../src/contestants.ts";
import { type Room, openRoom, spend } from "../src/room.ts";
import { stormOnce } from "../src/scenarios/storm.ts";

const SIZE = 20;

/** One of each way of being run and spoken to. */
const SOME = CONTESTANTS.filter(({ label }) => ["ours", "naive", "socket.io"].includes(label));

test.for(SOME)("a storm of 20 on $label ends with everyone seeing 20", async (contestant) => {
  const result = await stormOnce(contestant, SIZE);

  expect(result).toMatchObject({ admitted: SIZE, correct: SIZE, refusal: "" });
  expect(result.shownMs).toBeGreaterThan(0);
  expect(result.spent.meter.fetches).toBe(SIZE);
  // A joiner is told at once, and what comes after may be told together.
  expect(result.spent.counts).toBeGreaterThanOrEqual(SIZE);
  expect(result.spent.counts).toBeLessThanOrEqual((SIZE * (SIZE + 1)) / 2);
});

test("a visitor who leaves is missed by those who stay, and a read is counted as a call", async () => {
  await using room: Room = await openRoom(oursOf());
  const { load, subject } = room;
  await load.join({ count: 3, timeoutMs: 5_000 });

  expect(await load.leave({ count: 1, timeoutMs: 5_000 })).toBe(true);
  expect(await load.sees({ count: 2, timeoutMs: 5_000 })).toBe(true);
  const { result, spent } = await spend(room, () => {
    const path = "/count?page=%2Fposts%2Fhello";
    return load.read({ port: subject.port, path, connections: 1, seconds: 0.1 });
  });
  expect(result.failed).toBe(0);
  expect(JSON.parse(result.body)).toMatchObject({ count: 2 });
  expect(spent.meter.calls).toBe(1);
});

function oursOf(): (typeof CONTESTANTS)[number] {
  const [ours] = CONTESTANTS;
  if (ours === undefined) throw new Error("there is no contestant");
  return ours;
}
