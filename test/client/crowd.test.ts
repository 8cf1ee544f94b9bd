import { afterAll, describe, expect, test } from "vitest";
import { installBrowser } from "../support/crowd/browser-globals.ts";
import { Crowd } from "../support/crowd/crowd.ts";
import { firstJoinsMs, peakShare, spreadMs, waitsMs } from "../support/crowd/log.ts";
import { CountServer } from "../support/lifecycle/count-server.ts";
import { nowMs } from "../support/lifecycle/watched.ts";
import { countVisitors } from "./naive.ts";

const VISITORS = 2_000;
const NAIVE_VISITORS = 300;
/** The client spreads attempts evenly over a second and 2 ms for each visitor. */
const WINDOW_MS = 1_000 + 2 * VISITORS;
/**
 * Largest share of the crowd that may ask within one second. A fifth is expected, and chance adds
 * less than a twentieth at ten standard deviations; the rest is for a machine that stops for a moment.
 */
const MAX_PEAK_SHARE = 0.5;
/** How late a busy machine may find out that a wait is over. */
const MAX_LATE_MS = 10_000;
/** Who asks before the server listens again is refused, and that takes a busy machine a moment. */
const MAX_REFUSED_SHARE = 0.5;

/** The client's own code on real sockets, in a process that has no page to draw. */
describe("after a restart of the server", () => {
  test(`${VISITORS} visitors come back evenly over ${WINDOW_MS / 1_000} s, and ask once for each connection they lose`, async () => {
    await using server = await CountServer.start();
    const base = server.url;
    const options = { base, origin: "http://localhost", page: "/crowded", visitors: VISITORS };
    await using crowd = await Crowd.join(options);
    await crowd.forget();
    const lostMs = nowMs();
    await server.stop();
    await server.restart();
    const backMs = await crowd.settle(VISITORS);
    const log = await crowd.log();
    const joinsMs = firstJoinsMs(log);
    print(`${VISITORS} visitors, ours`, joinsMs, backMs - lostMs);

    expect(joinsMs).toHaveLength(VISITORS);
    expect(log.joins).toHaveLength(log.losses.length);
    expect(log.joins.length - VISITORS).toBeLessThan(MAX_REFUSED_SHARE * VISITORS);
    expect(peakShare(joinsMs, 1_000)).toBeLessThan(MAX_PEAK_SHARE);
    // The whole window is used, since 0.9^2,000 is nothing, and half of them wait for half of it.
    const waits = waitsMs(log).toSorted((a, b) => a - b);
    expect(waits.at(-1)).toBeGreaterThan(0.9 * WINDOW_MS);
    expect(waits.at(-1)).toBeLessThan(WINDOW_MS + MAX_LATE_MS);
    expect(waits[VISITORS / 2]).toBeGreaterThan(0.45 * WINDOW_MS);
    expect(server.count).toBe(VISITORS);
  });

  const leaving: (() => void)[] = [];
  afterAll(() => {
    for (const leave of leaving) leave();
  });

  test(`${NAIVE_VISITORS} naive clients come back all at once`, async () => {
    await using server = await CountServer.start();
    const joinsMs: number[] = [];
    installBrowser("http://localhost", {
      onJoin: () => joinsMs.push(nowMs()),
      onClose: () => {},
      onCount: () => {},
    });
    Object.assign(globalThis, { localStorage: { getItem: () => null, setItem: () => {} } });
    for (let visitor = 0; visitor < NAIVE_VISITORS; visitor++) {
      leaving.push(countVisitors(server.url, () => {}));
    }
    await server.until("all are connected", () => server.live === NAIVE_VISITORS, 60_000);
    joinsMs.length = 0;
    const lostMs = nowMs();
    await server.stop();
    await server.restart();
    await server.until("all are back", () => server.opened === 2 * NAIVE_VISITORS, 60_000);
    print(`${NAIVE_VISITORS} visitors, naive`, joinsMs, nowMs() - lostMs);
    expect(peakShare(joinsMs, 1_000)).toBeGreaterThan(0.9);
    // Else they would not leave: they come back whenever they are cut off.
    for (const leave of leaving.splice(0)) leave();
  });
});

function print(who: string, joinsMs: readonly number[], allBackMs: number): void {
  const peak = (windowMs: number): number =>
    Math.round(peakShare(joinsMs, windowMs) * joinsMs.length);
  console.log(
    `measured: ${who}: at most ${peak(100)} attempts in 100 ms and ${peak(1_000)} in 1 s, ` +
      `over ${(spreadMs(joinsMs) / 1_000).toFixed(1)} s; all right after ${(allBackMs / 1_000).toFixed(1)} s`,
  );
}
