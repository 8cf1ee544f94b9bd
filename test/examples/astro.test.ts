import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { follow, problems, sockets, Stage } from "./support/stage.ts";

const ROOM = 'document.querySelector("footer visitor-count")?.shadowRoot?.textContent';
const ISLAND = 'document.querySelector("main p")?.innerText';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("astro");
});
afterEach(() => stage.clear());
afterAll(() => stage[Symbol.asyncDispose]());

describe("Astro, built", () => {
  let url: string;
  beforeAll(async () => {
    await stage.example.run("build");
    url = await stage.example.serve("preview");
  });

  test("has the fallbacks of the element and of the island in its HTML", async () => {
    const html = await (await fetch(`${url}/map`)).text();
    expect(html).toContain(">Guests in this room</visitor-count>");
    expect(html).toContain('<span data-status="idle">some</span>');
  });

  test("shows 1, and 2 to both when another visitor comes", async () => {
    const ada = await stage.visit(url);
    await ada.shows(ROOM, "1 guest in this room");
    const bob = await stage.visit(url);
    await bob.shows(ROOM, "2 guests in this room");
    await ada.shows(ROOM, "2 guests in this room");
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });

  test("hydrates the island without a warning, on one connection with the element", async () => {
    const tab = await stage.visit(`${url}/map`);
    await tab.shows(ISLAND, "Looking for the way: 1");
    await tab.shows(ROOM, "1 guest in this room");
    expect(await sockets(tab)).toEqual([WebSocket.OPEN]);
    expect(await problems(tab)).toEqual([]);
  });

  test("moves the visitor to the other room's count along a link", async () => {
    const [ada, bob] = [await stage.visit(url), await stage.visit(url)];
    await ada.shows(ROOM, "2 guests in this room");
    await follow(bob, "/map");
    await bob.shows(ISLAND, "Looking for the way: 1");
    await bob.shows(ROOM, "1 guest in this room");
    await ada.shows(ROOM, "1 guest in this room");
    expect([await problems(ada), await problems(bob)]).toEqual([[], []]);
  });
});
