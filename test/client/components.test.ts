import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab } from "../support/lifecycle/lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

describe("React in StrictMode", () => {
  test("four components open one connection, and leave together; four naive ones open eight", async () => {
    await using ours = await lab.visit("react");
    await using naive = await lab.visit("react", { isNaive: true });
    await ours.tab.shows("document.body.innerText.replace(/\\s+/g, ' ')", "1 1 1 1");
    await naive.server.until("the naive components are connected", () => naive.server.live >= 4);
    expect([await ours.asked(), ours.server.opened, ours.server.live]).toEqual([1, 1, 1]);
    expect(await naive.asked()).toBe(8);

    await ours.tab.evaluate("leave()");
    await ours.server.until("unmounted, the page is not counted", () => ours.server.live === 0);
    expect([await ours.asked(), await ours.uncaught(), await ours.warnings()]).toEqual([1, [], []]);
  });
});

describe("<visitor-count>", () => {
  const first = 'document.querySelector("#first")';

  test("two elements open one connection, which a move keeps and the last removal ends", async () => {
    await using visit = await lab.visit("element");
    await visit.tab.shows(`${first}.count`, 1);
    await visit.tab.shows('document.querySelector("#second").count', 1);
    expect([await visit.asked(), visit.server.live]).toEqual([1, 1]);

    await visit.tab.evaluate('document.querySelector("#second").remove()');
    await visit.tab.evaluate(`document.body.prepend(${first})`);
    await visit.tab.evaluate(`document.createElement("div").append(document.createElement("p"))`);
    await visit.tab.shows(`${first}.status`, "live");
    expect([await visit.asked(), visit.server.live]).toEqual([1, 1]);

    await visit.tab.evaluate(`${first}.remove()`);
    await visit.server.until("removed, the page is not counted", () => visit.server.live === 0);
    expect([await visit.asked(), await visit.uncaught()]).toEqual([1, []]);
  });
});
