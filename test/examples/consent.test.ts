import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Tab } from "../support/chromium.ts";
import { problems, sockets, Stage } from "./support/stage.ts";

const WORDS = 'document.querySelector("visitor-count")?.shadowRoot?.textContent';
const BANNER_IS_HIDDEN = 'document.querySelector("#banner")?.hidden';
const STATUS = 'document.querySelector("visitor-count")?.dataset.status';
const STORED = "JSON.stringify(Object.keys(localStorage).sort())";

let stage: Stage;
let url: string;
beforeAll(async () => {
  stage = await Stage.open("consent");
  url = await stage.example.serve("start");
});
afterEach(() => stage.clear());
afterAll(() => stage[Symbol.asyncDispose]());

async function click(tab: Tab, button: string): Promise<void> {
  await tab.evaluate(`document.querySelector("#${button}").click()`);
}

test("nothing is stored or opened before the visitor agrees", async () => {
  const tab = await stage.visit(url);
  await tab.shows(STATUS, "idle");
  expect(await tab.evaluate(BANNER_IS_HIDDEN)).toBe(false);
  expect(await sockets(tab)).toEqual([]);
  expect(await tab.evaluate(STORED)).toBe("[]");
  expect(await tab.evaluate("document.cookie")).toBe("");
});

test("a yes counts, and is remembered at the next load", async () => {
  const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
  await click(ada, "accept");
  await ada.shows(WORDS, "1 gardener is here");
  await click(bob, "accept");
  await ada.shows(WORDS, "2 gardeners are here");
  await bob.navigate(url);
  await bob.shows(WORDS, "2 gardeners are here");
  expect(await bob.evaluate(BANNER_IS_HIDDEN)).toBe(true);
  expect(await bob.evaluate(STORED)).toBe('["count-consent","visitor-tracker-id"]');
  expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
});

test("a no stores the answer and nothing else", async () => {
  const tab = await stage.visit(url);
  await click(tab, "decline");
  await tab.shows(BANNER_IS_HIDDEN, true);
  await tab.navigate(url);
  await tab.shows(STATUS, "idle");
  expect(await tab.evaluate(BANNER_IS_HIDDEN)).toBe(true);
  expect(await sockets(tab)).toEqual([]);
  expect(await tab.evaluate(STORED)).toBe('["count-consent"]');
});

test("taking it back leaves, and removes the id", async () => {
  const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
  await click(ada, "accept");
  await click(bob, "accept");
  await ada.shows(WORDS, "2 gardeners are here");
  await click(bob, "withdraw");
  await ada.shows(WORDS, "1 gardener is here");
  await bob.shows(STATUS, "idle");
  expect(await bob.evaluate(STORED)).toBe('["count-consent"]');
});
