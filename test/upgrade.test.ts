import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Visitor } from "../scripts/visitor.ts";
import { Crowd } from "./support/crowd/crowd.ts";
import { type CrowdLog, firstJoinsMs, peakShare, spreadMs, waitsMs } from "./support/crowd/log.ts";
import { HealthWatch } from "./support/health-watch.ts";
import { LocalStack } from "./support/local-stack.ts";

const VISITORS = 1_000;
const PAGE = "/crowded";
const WORKER = "worker/src/index.ts";
const LEDGER = "infra/src/ledger.ts";

/**
 * Largest share of the crowd that may ask for a connection within half a second. The client spreads a
 * thousand over 3 s, so a sixth is expected in any, and chance adds less than a twentieth; a crowd
 * without jitter is there as a whole. The rest is for a machine that stops now and then.
 */
const MAX_PEAK_SHARE = 0.4;
/** The client comes back within a second and 2 ms for each visitor. */
const WINDOW_MS = 1_000 + 2 * VISITORS;
/** How late a busy machine may find out that a wait is over. */
const MAX_LATE_MS = 10_000;
const PATIENCE_MS = 60_000;

/** Upgrades of one stack, in order, with a thousand visitors looking at one page all the time. */
describe(`upgrades under ${VISITORS} connected visitors`, { timeout: 300_000 }, () => {
  let stack: LocalStack;
  let crowd: Crowd;
  let witness: Visitor | undefined;
  beforeAll(async () => {
    stack = await LocalStack.start();
    // All these clients share one address.
    const limits = "\n  visitor-tracker:limits:\n    upgradesPerMinute: 100000\n";
    const config = await stack.checkout.read("Pulumi.local.yaml");
    await stack.checkout.write("Pulumi.local.yaml", config.trimEnd() + limits);
    await stack.up();
    const { edgeUrl } = stack.cloud;
    crowd = await Crowd.join({ base: edgeUrl, origin: edgeUrl, page: PAGE, visitors: VISITORS });
  });
  afterAll(async () => {
    witness?.kill();
    await crowd[Symbol.asyncDispose]();
    await stack.stop();
  });

  /** Somebody who is not of the crowd and not counted sees this number at once. */
  const expectCount = async (count: number): Promise<void> => {
    const { edgeUrl } = stack.cloud;
    witness = await Visitor.join(edgeUrl, {
      page: PAGE,
      userId: "a-witness",
      origin: edgeUrl,
      query: { v: "2", observe: "1" },
    });
    await witness.sees(count, PATIENCE_MS);
    expect(witness.counts).toEqual([count]);
    witness.kill();
  };

  const upgrade = async (name: string): Promise<void> => {
    await crowd.forget();
    const health = HealthWatch.start(stack.cloud.edgeUrl);
    await stack.up();
    const backMs = await crowd.settle(VISITORS);
    expect(await health.stop()).toEqual(new Set([200]));
    const log = await crowd.log();
    report(name, log, backMs);
    expectOnlyThePlannedDrop(log);
    expect(Math.max(...waitsMs(log))).toBeLessThan(WINDOW_MS + MAX_LATE_MS);
    expect(peakShare(firstJoinsMs(log), 500)).toBeLessThan(MAX_PEAK_SHARE);
    expect(log.told.filter(({ count, present }) => count > present)).toEqual([]);
    await expectCount(VISITORS);
  };

  test("changed code: all are back with the right count in time, and not at once", async () => {
    await stack.checkout.edit(WORKER, "there is nothing at", "here is nothing at");
    await upgrade("changed code");
    const answer = await fetch(`${stack.cloud.edgeUrl}/nowhere`);
    expect(await answer.text()).toContain("here is nothing at");
  });

  test("a migration step: all are back with the right count in time, and not at once", async () => {
    await stack.checkout.edit(
      LEDGER,
      /\] \}(,?\s*\];)/,
      (end) => `] }, { tag: "v9", newSqliteClasses: ["Archive"] }${end.slice(3)}`,
    );
    await stack.checkout.edit(
      WORKER,
      'export { PageCounter } from "./page-counter.ts";',
      'export { PageCounter, PageCounter as Archive } from "./page-counter.ts";',
    );
    await upgrade("a migration step");
    expect((await stack.outputs())["migrationTag"]).toBe("v9");
  });

  test("code that does not start disconnects nobody, and the count goes on", async () => {
    await crowd.forget();
    const good = await stack.checkout.read(WORKER);
    await stack.checkout.write(WORKER, `${good}\nthrow new Error("broken on purpose");\n`);
    const health = HealthWatch.start(stack.cloud.edgeUrl);
    const failed = await stack.pulumi("up", "--yes");
    await stack.checkout.write(WORKER, good);
    expect(failed.output).toContain("broken on purpose");
    expect(failed.code).not.toBe(0);
    expect(await health.stop()).toEqual(new Set([200]));
    await expectCount(VISITORS);

    const { edgeUrl } = stack.cloud;
    const guest = await Visitor.join(edgeUrl, { page: PAGE, userId: "one-more", origin: edgeUrl });
    await guest.sees(VISITORS + 1, PATIENCE_MS);
    await guest.leave();
    await crowd.settle();
    const { joins, losses, told } = await crowd.log();
    expect({ joins, losses }).toEqual({ joins: [], losses: [] });
    expect(told.map(({ count }) => count).filter((count) => count > VISITORS)).toHaveLength(
      VISITORS,
    );
  });
});

/** Each connection was lost once, when it was open, and the first attempt to make it again held. */
function expectOnlyThePlannedDrop({ losses, joins }: CrowdLog): void {
  expect(losses.filter(({ wasOpen }) => !wasOpen)).toEqual([]);
  expect([losses.length, joins.length]).toEqual([VISITORS, VISITORS]);
}

function droppedMs({ losses }: CrowdLog): number {
  return Math.min(...losses.map(({ atMs }) => atMs));
}

function report(name: string, log: CrowdLog, backMs: number): void {
  const seconds = ((backMs - droppedMs(log)) / 1_000).toFixed(1);
  const joinsMs = firstJoinsMs(log);
  const peak = (second: number): number => Math.round(peakShare(joinsMs, second) * VISITORS);
  console.log(
    `${name}: all right ${seconds} s after the drop; joins over ${(spreadMs(joinsMs) / 1_000).toFixed(1)} s, ` +
      `at most ${peak(1_000)} in a second and ${peak(500)} in half of one; ${log.told.length} counts told`,
  );
}
