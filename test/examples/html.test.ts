import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { embedCode } from "../../infra/src/address.ts";
import { problems, sockets, Stage } from "./support/stage.ts";

/** What the nth counting element of the page says. */
function words(index: number): string {
  return `document.querySelectorAll("visitor-count")[${index}].shadowRoot?.textContent`;
}
const READERS = 'document.querySelector("#readers").textContent';

let stage: Stage;
let url: string;
beforeAll(async () => {
  stage = await Stage.open("html");
  url = await stage.example.serve("start");
});
afterEach(() => stage.clear());
afterAll(() => stage[Symbol.asyncDispose]());

test("a script tag and an element show 1, and 2 to both when another visitor comes", async () => {
  const ada = await stage.visit(url);
  await ada.shows(words(0), "1 person is");
  const bob = await stage.visit(url);
  await bob.shows(words(0), "2 people are");
  await ada.shows(words(0), "2 people are");
  expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
});

test("the elements of a page share one connection and say the count in their own words", async () => {
  const ada = await stage.visit(url);
  await ada.shows(words(0), "1 person is");
  await ada.shows(words(1), "");
  await ada.shows(words(2), "1 osoba ogląda tę stronę");
  expect(await sockets(ada)).toEqual([WebSocket.OPEN]);
  const others = [await stage.visit(url), await stage.visit(url)];
  for (const tab of [ada, ...others]) {
    await tab.shows(words(0), "3 people are");
    await tab.shows(words(1), "2 others are here.");
    await tab.shows(words(2), "3 osoby oglądają tę stronę");
  }
});

test("a link moves the visitor to the other page's count", async () => {
  const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
  await ada.shows(words(0), "2 people are");
  await bob.navigate(String(await bob.evaluate("document.links[1].href")));
  expect(await bob.evaluate("location.pathname")).toBe("/opening-hours.html");
  await bob.shows(words(0), "1");
  await ada.shows(words(0), "2 people are");
  expect(await problems(bob)).toEqual([]);
});

test("the core as an ES module counts, stops and starts again", async () => {
  const [ada, bob] = [await stage.visit(`${url}/core.html`), await stage.visit(`${url}/core.html`)];
  await ada.shows(READERS, "2");
  await bob.shows(READERS, "2");
  await bob.evaluate('document.querySelector("#switch").click()');
  await ada.shows(READERS, "1");
  await bob.evaluate('document.querySelector("#switch").click()');
  await ada.shows(READERS, "2");
  await bob.shows(READERS, "2");
  expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
});

test("the deployment's tag runs where its hash is the script's, and only there", async () => {
  const tab = await stage.visit(`${url}/core.html`);
  await tab.shows(READERS, "1");
  const script = await (await fetch(`${stage.endpoint}/live.js`)).text();
  const path = `/live-${createHash("sha256").update(script).digest("hex").slice(0, 16)}.js`;
  const embed = async (hash: string): Promise<void> => {
    const code = JSON.stringify(embedCode(stage.endpoint, { path, integrity: hash }));
    await tab.evaluate(
      `document.body.append(document.createRange().createContextualFragment(${code}))`,
    );
  };
  await embed(`sha384-${"A".repeat(64)}`);
  await tab.shows("window.problems.length", 1);
  expect(await tab.evaluate(words(0))).toBeUndefined();
  await embed(`sha384-${createHash("sha384").update(script).digest("base64")}`);
  await tab.shows(words(1), "1");
});
