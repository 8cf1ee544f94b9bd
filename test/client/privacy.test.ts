import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CountServer } from "../support/lifecycle/count-server.ts";
import { Lab } from "../support/lifecycle/lab.ts";

const STORED = 'localStorage.getItem("visitor-tracker-id")';
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** What the Worker takes for a visitor's id. */
const USER_ID = /^[\w-]{8,64}$/;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

describe("who a visitor is", () => {
  test("five tabs of one visitor, all seen, count once, by an id that is stored", async () => {
    await using server = await CountServer.start();
    const context = await lab.chromium.newContext();
    const visits = [];
    for (let tab = 1; tab <= 5; tab++) visits.push(await lab.visit("ours", { server, context }));
    for (const visit of visits) await visit.counted();
    expect([server.opened, server.live, server.count]).toEqual([5, 5, 1]);
    const ids = new Set(server.all("open").map(({ userId }) => userId));
    expect([...ids]).toEqual([await visits[0]?.tab.evaluate(STORED)]);
    expect([...ids][0]).toMatch(UUID);
    for (const visit of visits) await visit.tab.shows("heard.at(-1).count", 1);
    for (const visit of visits) await visit[Symbol.asyncDispose]();
  });

  test("five tabs opened one after the other in one window are one connection; the naive ones five", async () => {
    await using server = await CountServer.start();
    await using naiveServer = await CountServer.start();
    const context = await lab.chromium.newContext();
    await lab.openFiveTabs("naive", naiveServer, context);
    await naiveServer.until("the naive tabs are connected", () => naiveServer.live === 5);
    await lab.openFiveTabs("ours", server, context);
    await server.until("the last tab is connected", () => server.live === 1);
    expect([server.count, naiveServer.count]).toEqual([1, 1]);
    expect([server.live, naiveServer.live]).toEqual([1, 5]);
  });

  test("on an insecure origin there is an id, too; the naive client throws", async () => {
    await using pair = await lab.both({ host: "insecure.test" });
    const { ours, naive } = pair;
    expect(await ours.tab.evaluate("[isSecureContext, typeof crypto.randomUUID]")).toEqual([
      false,
      "undefined",
    ]);
    await ours.counted();
    expect(ours.server.all("open")[0]?.userId).toMatch(USER_ID);
    expect(await ours.tab.evaluate(STORED)).toBe(ours.server.all("open")[0]?.userId);
    expect(await ours.uncaught()).toEqual([]);
    expect(await naive.uncaught()).toEqual([
      "Uncaught TypeError: crypto.randomUUID is not a function",
    ]);
    expect(naive.server.log).toEqual([]);
  });

  test("where storage is blocked there is an id for the visit; the naive client throws", async () => {
    const before = `Object.defineProperty(window, "localStorage", {
      get() { throw new DOMException("blocked", "SecurityError"); }
    });`;
    await using pair = await lab.both({ before });
    const { ours, naive } = pair;
    await ours.counted();
    expect(ours.server.all("open")[0]?.userId).toMatch(UUID);
    expect([await ours.uncaught(), await ours.warnings()]).toEqual([[], []]);
    expect(await naive.uncaught()).toEqual([expect.stringContaining("SecurityError")]);
    expect(naive.server.log).toEqual([]);
  });

  test("in a sandboxed frame, of no origin, there is an id for the visit; the naive client throws", async () => {
    await using ours = await lab.visitInSandbox("ours");
    await using naive = await lab.visitInSandbox("naive");
    await ours.server.until("the frame is counted", () => ours.server.count === 1);
    const [{ origin, userId } = {}] = ours.server.all("open");
    expect([origin, userId]).toEqual(["null", expect.stringMatching(USER_ID)]);
    await lab.site.until("the naive frame has failed", () =>
      lab.site.reports.some(({ text }) => text.startsWith("naive-failed")),
    );
    expect(naive.server.log).toEqual([]);
  });
});

describe("a visitor who does not want to be tracked", () => {
  test.each([
    ["Global Privacy Control", 'Navigator.prototype, "globalPrivacyControl", { value: true }'],
    ["Do Not Track", 'Navigator.prototype, "doNotTrack", { value: "1" }'],
  ])(
    "under %s sees the count, is not counted and leaves nothing; the naive one is",
    async (_name, property) => {
      await using pair = await lab.both({ before: `Object.defineProperty(${property});` });
      const { ours, naive } = pair;
      await pair.each((visit) => visit.counted());
      expect([ours.server.live, ours.server.count]).toEqual([1, 0]);
      expect(await ours.tab.evaluate("heard.at(-1).count")).toBe(0);
      expect(await ours.tab.evaluate("localStorage.length")).toBe(0);
      expect(naive.server.count).toBe(1);
      expect(await naive.tab.evaluate("localStorage.length")).toBe(1);
    },
  );
});

describe("consent", () => {
  test("without it nothing is sent or stored; given, the visitor is counted; taken back, not", async () => {
    await using visit = await lab.visit("react", { enabled: false });
    await visit.tab.shows("heard.at(-1)?.status", "idle");
    expect([await visit.asked(), visit.server.log]).toEqual([0, []]);
    expect(await visit.tab.evaluate("[localStorage.length, document.cookie]")).toEqual([0, ""]);

    await visit.tab.evaluate('dispatchEvent(new CustomEvent("consent", { detail: true }))');
    await visit.counted();
    expect(visit.server.count).toBe(1);

    await visit.tab.evaluate('dispatchEvent(new CustomEvent("consent", { detail: false }))');
    await visit.server.until("taken back, the page is not counted", () => visit.server.live === 0);
    expect(await visit.status()).toBe("idle");
    expect(visit.server.opened).toBe(1);
  });
});
