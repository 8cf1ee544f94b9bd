import { expect, test } from "vitest";
import { modelPage } from "../src/model/one-page.ts";
import { type Sample, fitCpu } from "../src/model/unit-costs.ts";

const COSTS = { cpuMsPerEvent: 0.4, cpuMsPerSend: 0.04, bytesPerCount: 60, kbPerSocket: 64 };

function sample(events: number, sends: number): Sample {
  return { name: "a run", events, sends, cpuMs: events * 0.4 + sends * 0.04 };
}

test("the costs of an event and of a message are found again in what they made", () => {
  const fit = fitCpu([sample(1_000, 4_000), sample(20, 20_000), sample(600, 70_000)]);

  expect(fit?.cpuMsPerEvent).toBeCloseTo(0.4, 9);
  expect(fit?.cpuMsPerSend).toBeCloseTo(0.04, 9);
});

test("runs that are all alike tell nothing", () => {
  expect(fitCpu([sample(1_000, 4_000)])).toBeNull();
  expect(fitCpu([sample(1_000, 4_000), sample(2_000, 8_000)])).toBeNull();
});

test("a page of one object tells of each change within its interval", () => {
  const model = modelPage({ visitors: 2_000, visitMs: 300_000 }, COSTS);

  expect(model).toMatchObject({
    shards: 1,
    intervalMs: 400,
    messagesPerShard: 5_000,
    callsAtRoot: 0,
  });
  expect(model.joinsPerSecond).toBeCloseTo(20 / 3);
  expect(model.cpuPerShard).toBeCloseTo((0.4 * 40) / 3_000 + 0.2);
});

test("a page that rarely changes tells no more than there is to tell", () => {
  const model = modelPage({ visitors: 10, visitMs: 300_000 }, COSTS);

  expect(model.intervalMs).toBeCloseTo(15_000);
});

test("100,000 visitors are spread over 64 objects, each of which is told when the root tells", () => {
  const model = modelPage({ visitors: 100_000, visitMs: 300_000 }, COSTS);

  expect(model).toMatchObject({ shards: 64, visitorsPerShard: 1_562.5, intervalMs: 512 });
  expect(model.messagesPerShard).toBeCloseTo(3_051.76, 2);
  expect(model.callsAtRoot).toBeCloseTo(246.09, 2);
  expect(model.bytesPerSecond).toBeCloseTo(11_718_750);
  expect(model.mbPerShard).toBeCloseTo(97.66, 2);
});
