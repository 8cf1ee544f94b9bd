import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { follow, problems, sockets, Stage } from "./support/stage.ts";

const NOW = 'document.querySelector(".now")?.textContent';
const LIGHTHOUSE = "/stories/lighthouse";
const NIGHT_TRAIN = "/stories/night-train";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("next");
});
afterEach(() => stage.clear());
afterAll(() => stage[Symbol.asyncDispose]());

describe.each([
  {
    name: "built",
    start: () => stage.example.run("build").then(() => stage.example.serve("start")),
  },
  { name: "on the development server, under StrictMode", start: () => stage.example.serve("dev") },
])("Next.js, $name", ({ start }) => {
  let url: string;
  beforeAll(async () => {
    url = await start();
    // The development server compiles each page when it is first asked for.
    for (const path of ["/", "/about", LIGHTHOUSE, NIGHT_TRAIN]) await fetch(url + path);
  });

  test("renders the fallback on the server", async () => {
    const html = await (await fetch(url + LIGHTHOUSE)).text();
    expect(/<p class="now">.*?<\/p>/.exec(html)?.[0]).toBe(
      '<p class="now">Reading this now: <span data-status="idle">some</span></p>',
    );
    expect(/<p class="readers".*?<\/p>/.exec(html)?.[0]).toBe(
      '<p class="readers" data-status="idle">Who reads with you?</p>',
    );
  });

  test("shows 1, and 2 to both when another visitor comes, hydrated without a warning", async () => {
    const ada = await stage.visit(url);
    await ada.shows(NOW, "On this page now: 1", 30_000);
    const bob = await stage.visit(url);
    await bob.shows(NOW, "On this page now: 2");
    await ada.shows(NOW, "On this page now: 2");
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });

  test("opens one connection for four components", async () => {
    const tab = await stage.visit(url + LIGHTHOUSE);
    await tab.shows(NOW, "Reading this now: 1", 30_000);
    expect(await tab.evaluate('document.querySelectorAll("[data-status=live]").length')).toBe(4);
    expect(await sockets(tab)).toEqual([WebSocket.OPEN]);
    expect(await problems(tab)).toEqual([]);
  });

  test("moves the visitor to the other story's count along a <Link>", async () => {
    const [ada, bob] = [await stage.visit(url + LIGHTHOUSE), await stage.visit(url + LIGHTHOUSE)];
    await ada.shows(NOW, "Reading this now: 2", 30_000);
    await follow(bob, NIGHT_TRAIN, 60_000);
    await ada.shows(NOW, "Reading this now: 1");
    await bob.shows(NOW, "Reading this now: 1");
    await follow(ada, NIGHT_TRAIN, 60_000);
    await bob.shows(NOW, "Reading this now: 2");
    await ada.shows(NOW, "Reading this now: 2");
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });

  test("leaves along a <Link> to a page without a count, and is counted again when back", async () => {
    const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
    await ada.shows(NOW, "On this page now: 2", 30_000);
    await follow(bob, "/about", 60_000);
    await ada.shows(NOW, "On this page now: 1");
    await bob.shows("sockets.every(({ readyState }) => readyState === WebSocket.CLOSED)", true);
    await follow(bob, "/", 60_000);
    await ada.shows(NOW, "On this page now: 2");
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });
});
