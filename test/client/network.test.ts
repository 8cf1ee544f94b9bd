import { parseHeartbeat } from "@visitor-tracker/protocol";
import { afterAll, beforeAll, describe, test } from "vitest";
import { Lab } from "../support/lifecycle/lab.ts";
import { report } from "../support/lifecycle/report.ts";
import type { Visit } from "../support/lifecycle/visit.ts";
import { nowMs } from "../support/lifecycle/watched.ts";

/** Promised: a path that died without a word is noticed within this, with the default timing. */
const NOTICED_WITHIN_MS = 26_000;
/** Connections are given up sooner than by default, for the tests' sake. */
const TIMEOUT_MS = 500;
const SOON = { timeout: TIMEOUT_MS, maxBackoff: 1_000 };

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** When the page was told that its connection was lost. */
async function lostMs({ tab }: Visit): Promise<number> {
  return Number(await tab.evaluate('heard.find(({ status }) => status === "retrying")?.atMs'));
}

/** Handshakes that were not answered with a connection. */
function tried({ server }: Visit): number {
  return server.all("refused").length;
}

/** They wait for seconds that are in the promise itself, so they wait together. */
describe.concurrent("a connection", () => {
  test("over a path that died is noticed within 26 s and made anew; the naive one never notices", async ({
    expect,
  }) => {
    await using pair = await lab.both({ viaDeadPath: true });
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    // At the worst moment: just after a sign of life was answered.
    const pings = ours.server.all("message").length;
    await ours.tab.evaluate('dispatchEvent(new Event("online"))');
    await ours.server.until("a ping", () => ours.server.all("message").length > pings);
    await ours.tab.evaluate("document.hidden");
    const diedMs = nowMs();
    await pair.each(async (visit) => visit.losePath());
    await ours.server.until("a new connection", () => ours.server.opened === 2, 40_000);
    const noticedMs = (await lostMs(ours)) - diedMs;
    report("dead path noticed", noticedMs);
    report("connected again", (ours.server.all("open")[1]?.atMs ?? Number.NaN) - diedMs);
    expect(noticedMs).toBeLessThan(NOTICED_WITHIN_MS);
    expect([naive.server.opened, await naive.status()]).toEqual([1, "live"]);
  });

  test("over a path that died with the network is noticed 5 s after `online`; the naive one never", async ({
    expect,
  }) => {
    await using pair = await lab.both({ viaDeadPath: true });
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    await pair.each(async (visit) => visit.losePath());
    await pair.each(({ tab }) => tab.setOffline(true));
    await pair.each(({ tab }) => tab.setOffline(false));
    const onlineMs = nowMs();
    await ours.server.until("a new connection", () => ours.server.opened === 2, 15_000);
    const noticedMs = (await lostMs(ours)) - onlineMs;
    report("dead path noticed after `online`", noticedMs);
    // The timer began with the event, a little before the test knew.
    expect(noticedMs).toBeLessThan(10_000);
    expect(naive.server.opened).toBe(1);
  });

  test("that lives is asked, not given up, when the network is back", async ({ expect }) => {
    await using visit = await lab.visit("ours");
    await visit.counted();
    const pings = (): number => visit.server.all("message").length;
    const before = pings();
    await visit.tab.setOffline(true);
    await visit.tab.setOffline(false);
    await visit.server.until("a ping", () => pings() > before);
    expect([visit.server.opened, visit.server.live, await visit.status()]).toEqual([1, 1, "live"]);
  });

  test("on which nobody speaks is given up and tried again; the naive one stays silent with it", async ({
    expect,
  }) => {
    await using pair = await lab.both({ ...SOON, behaviour: { kind: "mute" } });
    const { ours, naive } = pair;
    await ours.server.until("three attempts", () => ours.server.opened >= 3, 60_000);
    expect([naive.server.opened, naive.server.live]).toEqual([1, 1]);
    ours.server.behaviour = { kind: "count" };
    // The next attempt may be as late as the backoff and its jitter allow.
    await ours.tab.shows("heard.at(-1).status", "live", 60_000);
    expect([ours.server.live, ours.server.count]).toEqual([1, 1]);
  });

  test("to a server of the contract, which answers no ping, is left once and then kept by heartbeats", async ({
    expect,
  }) => {
    await using visit = await lab.visit("ours", {
      behaviour: { kind: "count", hasPongs: false },
      heartbeat: 3_000,
      timeout: 2_000,
    });
    const { server, tab } = visit;
    await server.until("it is made anew", () => server.opened === 2, 30_000);
    expect(await tab.evaluate('heard.some(({ status }) => status === "retrying")')).toBe(true);
    const heartbeats = (): number =>
      server.all("message").filter(({ detail }) => parseHeartbeat(detail) !== null).length;
    await server.until("three heartbeats", () => heartbeats() === 4, 30_000);
    expect([server.opened, server.live, await visit.status()]).toEqual([2, 1, "live"]);
  });

  test("that is never answered is given up and tried again; the naive one waits", async ({
    expect,
  }) => {
    await using pair = await lab.both({ ...SOON, behaviour: { kind: "hang" } });
    const { ours, naive } = pair;
    await ours.server.until("three attempts", () => tried(ours) >= 3, 60_000);
    expect(tried(naive)).toBe(1);
    ours.server.behaviour = { kind: "count" };
    await ours.server.until("it is counted", () => ours.server.count === 1, 60_000);
    await ours.counted();
  });

  test("that is lost is made again, later for each time that it fails; the naive one each second", async ({
    expect,
  }) => {
    await using pair = await lab.both();
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    for (const { server } of [ours, naive]) {
      server.behaviour = { kind: "refuse", status: 503, body: "" };
      server.drop();
    }
    await naive.server.until("ten attempts", () => tried(naive) === 10, 30_000);
    report("attempts while the naive client makes ten", tried(ours));
    expect(tried(ours)).toBeGreaterThan(0);
    expect(tried(ours)).toBeLessThan(10);
    expect(await ours.status()).toBe("retrying");
    ours.server.behaviour = { kind: "count" };
    await ours.server.until("it is counted", () => ours.server.count === 1, 60_000);
  });
});

describe.concurrent("a refusal for good", () => {
  test("of the site is asked about once, told once and the end of it; the naive one goes on", async ({
    expect,
  }) => {
    const body = '{"error":{"code":"origin_not_allowed","message":"add it"}}';
    await using pair = await lab.both({ behaviour: { kind: "refuse", status: 403, body } });
    const { ours, naive } = pair;
    await ours.tab.shows("heard.at(-1).status", "stopped", 20_000);
    const [before, naiveTried] = [tried(ours), tried(naive)];
    await naive.server.until("the naive client", () => tried(naive) === naiveTried + 3);
    expect([tried(ours), ours.server.all("asked").length]).toEqual([before, 1]);
    expect(await ours.warnings()).toEqual([`Visitor count stopped: 403 ${body}`]);
    expect(await ours.uncaught()).toEqual([]);
  });

  test("by a close of 4429 is told once and the end of it; the naive one goes on", async ({
    expect,
  }) => {
    await using pair = await lab.both();
    const { ours, naive } = pair;
    await pair.each((visit) => visit.counted());
    for (const { server } of [ours, naive]) {
      server.behaviour = { kind: "close", code: 4429, reason: "too many tabs" };
      server.drop(1012);
    }
    await ours.tab.shows("heard.at(-1).status", "stopped", 20_000);
    const naiveOpened = naive.server.opened;
    await naive.server.until("the naive client", () => naive.server.opened === naiveOpened + 3);
    expect([ours.server.opened, ours.server.all("asked").length]).toEqual([2, 0]);
    expect(await ours.warnings()).toEqual(["Visitor count stopped: 4429 too many tabs"]);
  });

  test("by an endpoint that is no address is told once and throws nothing; the naive one throws", async ({
    expect,
  }) => {
    await using ours = await lab.visit("ours", { endpoint: "http://[" });
    await using naive = await lab.visit("naive", { endpoint: "http://[" });
    await ours.tab.shows("heard.at(-1)?.status", "stopped");
    expect([await ours.uncaught(), await ours.asked()]).toEqual([[], 0]);
    expect(await ours.warnings()).toEqual([
      expect.stringMatching(/^Visitor count stopped: TypeError: .*Invalid URL$/),
    ]);
    expect(await naive.uncaught()).toEqual([expect.stringMatching(/^Uncaught SyntaxError/)]);
  });

  test("by the page's security policy is told once and the end of it; the naive one hangs", async ({
    expect,
  }) => {
    await using pair = await lab.both({ csp: "connect-src 'self'", timeout: TIMEOUT_MS });
    const { ours, naive } = pair;
    await ours.tab.shows("heard.at(-1)?.status", "stopped", 20_000);
    const address = await ours.tab.evaluate("asked[0]");
    expect(await ours.warnings()).toEqual([`Visitor count stopped: CSP: ${String(address)}`]);
    expect([await ours.asked(), await ours.uncaught(), ours.server.log]).toEqual([1, [], []]);
    expect([await naive.status(), await naive.asked()]).toEqual(["none", 1]);
  });
});
