import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { follow, problems, sockets, Stage } from "./support/stage.ts";

const SENTENCE = 'document.querySelector("#sentence")?.textContent';
const ALONE = "1 person is looking at this page.";
const TOGETHER = "2 people are looking at this page.";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("react-vite");
});
afterEach(() => stage.clear());
afterAll(() => stage[Symbol.asyncDispose]());

describe.each([
  {
    name: "built",
    start: () => stage.example.run("build").then(() => stage.example.serve("preview")),
  },
  { name: "on the development server, under StrictMode", start: () => stage.example.serve("dev") },
])("React 19 and Vite, $name", ({ start }) => {
  let url: string;
  beforeAll(async () => {
    url = await start();
    // The development server bundles what it is asked for, and then loads the page again.
    await (await stage.visit(url)).shows(SENTENCE, ALONE, 60_000);
    await stage.clear();
  });

  test("shows 1, and 2 to both when another visitor comes", async () => {
    const ada = await stage.visit(url);
    await ada.shows(SENTENCE, ALONE);
    const bob = await stage.visit(url);
    await bob.shows(SENTENCE, TOGETHER);
    await ada.shows(SENTENCE, TOGETHER);
    await ada.shows('document.querySelector(".number").textContent', "2 here now");
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });

  test("opens one connection for four components", async () => {
    const tab = await stage.visit(url);
    await tab.shows(SENTENCE, ALONE);
    expect(await sockets(tab)).toEqual([WebSocket.OPEN]);
  });

  test("moves the visitor to the other page's count along a link", async () => {
    const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
    await ada.shows(SENTENCE, TOGETHER);
    await follow(bob, "/cake");
    await ada.shows(SENTENCE, ALONE);
    await bob.shows(SENTENCE, ALONE);
    await follow(ada, "/cake");
    await bob.shows(SENTENCE, TOGETHER);
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });

  test("leaves when the last component is unmounted", async () => {
    const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
    await ada.shows(SENTENCE, TOGETHER);
    await follow(bob, "/about");
    await ada.shows(SENTENCE, ALONE);
    // The address changes before React takes the page away, so another may have been opened.
    await bob.shows("sockets.every(({ readyState }) => readyState === WebSocket.CLOSED)", true);
    expect(await problems(bob)).toEqual([]);
  });
});
