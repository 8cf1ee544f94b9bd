import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { problems, sockets, Stage } from "./support/stage.ts";

const BADGE = 'document.querySelector(".badge")?.textContent';
const CLICK = 'document.querySelector("button").click()';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("react-18-vite");
});
afterEach(() => stage.clear());
afterAll(() => stage[Symbol.asyncDispose]());

describe.each([
  {
    name: "rendered at build time",
    start: () => stage.example.run("build").then(() => stage.example.serve("preview")),
    article: '<span data-status="idle">Some</span> readers',
  },
  {
    name: "on the development server, under StrictMode",
    start: () => stage.example.serve("dev"),
    article: "<!--article-->",
  },
])("React 18 and Vite, $name", ({ start, article }) => {
  let url: string;
  beforeAll(async () => {
    url = await start();
    // The development server bundles what it is asked for, and then loads the page again.
    await (await stage.visit(url)).shows(BADGE, "1 reading now", 60_000);
    await stage.clear();
  });

  test("has in its HTML what the build rendered", async () => {
    expect(await (await fetch(url)).text()).toContain(article);
  });

  test("shows 1, and 2 to both when another visitor comes, without a warning", async () => {
    const ada = await stage.visit(url);
    await ada.shows(BADGE, "1 reading now");
    const bob = await stage.visit(url);
    await bob.shows(BADGE, "2 reading now");
    await ada.shows(BADGE, "2 reading now");
    await ada.shows(
      'document.querySelector("header span").textContent',
      "1 other reads this with you",
    );
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });

  test("opens one connection for three components", async () => {
    const tab = await stage.visit(url);
    await tab.shows(BADGE, "1 reading now");
    expect(await sockets(tab)).toEqual([WebSocket.OPEN]);
  });

  test("leaves when the reader stops the count, and comes back when asked", async () => {
    const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
    await ada.shows(BADGE, "2 reading now");
    await bob.evaluate(CLICK);
    await ada.shows(BADGE, "1 reading now");
    await bob.shows(BADGE, "reading now");
    await bob.evaluate(CLICK);
    await ada.shows(BADGE, "2 reading now");
    await bob.shows(BADGE, "2 reading now");
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });
});
