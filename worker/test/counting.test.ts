import { evictDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import { connectionsOf, storedBy } from "./support/object.ts";
import { Visitor, counterOf, freshPage, requestJoin } from "./support/visitor.ts";

const PING = '{"type":"ping"}';

test("a joiner is told the count at once, as the contract writes it", async () => {
  const visitor = await Visitor.join({ page: freshPage() });
  await visitor.sees(1);
  const timestamp = Number(/\d{13}/.exec(visitor.messages[0] ?? "")?.[0]);
  expect(visitor.messages).toEqual([`{"type":"count","count":1,"timestamp":${timestamp}}`]);
  expect(Math.abs(Date.now() - timestamp)).toBeLessThan(5_000);
});

test("two visitors see 2, and 1 when one of them leaves", async () => {
  const page = freshPage();
  const ada = await Visitor.join({ page });
  const bob = await Visitor.join({ page });
  await Promise.all([ada.sees(2), bob.sees(2)]);
  expect(await bob.leave()).toEqual([1000, ""]);
  await ada.sees(1);
  expect(await counterOf(page).count()).toBe(1);
});

test("a visitor with two tabs counts once, and until both are closed", async () => {
  const page = freshPage();
  const ada = await Visitor.join({ page });
  const first = await Visitor.join({ page, userId: "bob-bob-bob" });
  const second = await Visitor.join({ page, userId: "bob-bob-bob" });
  await Promise.all([ada.sees(2), second.sees(2)]);
  await first.leave();
  expect(await counterOf(page).count()).toBe(2);
  await second.leave();
  await ada.sees(1);
  expect(ada.counts).toEqual([1, 2, 1]);
});

test("pages are counted apart, whoever is on them", async () => {
  const [page, other] = [freshPage(), freshPage()];
  await Visitor.join({ page, userId: "bob-bob-bob" });
  await Visitor.join({ page: other, userId: "bob-bob-bob" });
  expect(await counterOf(page).count()).toBe(1);
  expect(await counterOf(other).count()).toBe(1);
});

test("a page that nobody is on has 0, and stores nothing for having been asked", async () => {
  const counter = counterOf(freshPage());
  expect(await counter.count()).toBe(0);
  expect(await storedBy(counter)).toEqual({ alarmMs: null, tables: 0, keys: 0 });
});

test("nothing of the visitor id is kept, and 13 characters stand for it", async () => {
  const page = freshPage();
  const userId = "550e8400-e29b-41d4-a716-446655440000";
  await Visitor.join({ page, userId });
  const connections = await connectionsOf(counterOf(page));
  expect(connections.map((connection) => Object.keys(connection))).toEqual([["u", "j", "t", "v"]]);
  expect(connections[0]?.u).toMatch(/^[\da-z]{10,13}$/);
  expect(JSON.stringify(connections)).not.toMatch(/550e8400|446655440000/);
});

describe("through hibernation", () => {
  test("a tab closed while the object sleeps leaves its visitor counted, the last one does not", async () => {
    const page = freshPage();
    const counter = counterOf(page);
    const ada = await Visitor.join({ page });
    const first = await Visitor.join({ page, userId: "bob-bob-bob" });
    const second = await Visitor.join({ page, userId: "bob-bob-bob" });
    await ada.sees(2);
    await evictDurableObject(counter);
    await first.leave();
    await evictDurableObject(counter);
    expect(await counter.count()).toBe(2);
    await evictDurableObject(counter);
    await second.leave();
    await ada.sees(1);
    expect(ada.counts).toEqual([1, 2, 1]);
  });

  test("a join wakes the object and is added to those who were there", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    await ada.sees(1);
    await evictDurableObject(counterOf(page));
    const bob = await Visitor.join({ page });
    await Promise.all([ada.sees(2), bob.sees(2)]);
    expect([ada.counts, bob.counts]).toEqual([[1, 2], [2]]);
  });

  test("a second tab that wakes the object is told, and nobody else is", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page, userId: "ada-ada-ada" });
    await ada.sees(1);
    await evictDurableObject(counterOf(page));
    const tab = await Visitor.join({ page, userId: "ada-ada-ada" });
    await tab.sees(1);
    const bob = await Visitor.join({ page });
    await Promise.all([ada.sees(2), tab.sees(2), bob.sees(2)]);
    expect([ada.counts, tab.counts, bob.counts]).toEqual([[1, 2], [1, 2], [2]]);
  });

  test("fifty pings to a sleeping object are answered without constructing it", async () => {
    const page = freshPage();
    const counter = counterOf(page);
    const ada = await Visitor.join({ page });
    await ada.sees(1);
    await evictDurableObject(counter);
    for (let number = 0; number < 50; number++) ada.socket.send(PING);
    await ada.until(() => ada.messages.length === 51);
    expect(new Set(ada.messages.slice(1))).toEqual(new Set(['{"type":"pong"}']));
    await expect(evictDurableObject(counter)).rejects.toThrow(
      "Cannot evict Durable Object: it is not currently running.",
    );
  });

  test("a heartbeat that wakes the object changes nothing and tells nobody", async () => {
    const page = freshPage();
    const ada = await Visitor.join({ page });
    const bob = await Visitor.join({ page });
    await ada.sees(2);
    await evictDurableObject(counterOf(page));
    bob.heartbeat();
    expect(await counterOf(page).count()).toBe(2);
    expect([ada.counts, bob.counts]).toEqual([[1, 2], [2]]);
  });
});

describe("observers", () => {
  test.for([
    ["observe=1", { query: "&v=2&observe=1" }],
    ["Sec-GPC", { headers: { "Sec-GPC": "1" } }],
    ["DNT", { headers: { DNT: "1" } }],
  ] as const)("who asks by %s sees the count and is not in it", async ([, options]) => {
    const page = freshPage();
    const observer = await Visitor.join({ page, ...options });
    await observer.sees(0);
    const ada = await Visitor.join({ page });
    await Promise.all([observer.sees(1), ada.sees(1)]);
    await evictDurableObject(counterOf(page));
    await observer.leave();
    expect(await counterOf(page).count()).toBe(1);
    expect(ada.counts).toEqual([1]);
  });

  test("nothing is kept of an observer but when it came", async () => {
    const page = freshPage();
    await Visitor.join({ page, query: "&v=2&observe=1" });
    const connections = await connectionsOf(counterOf(page));
    expect(connections.map((connection) => Object.keys(connection))).toEqual([["j", "t", "v"]]);
  });

  test("a visitor who also observes is counted by the tab that does not", async () => {
    const page = freshPage();
    await Visitor.join({ page, userId: "bob-bob-bob", query: "&v=2&observe=1" });
    const tab = await Visitor.join({ page, userId: "bob-bob-bob" });
    await tab.sees(1);
  });
});

test("a joiner is never left without a count when a page empties and fills", async () => {
  const page = freshPage();
  for (let time = 0; time < 5; time++) {
    const visitor = await Visitor.join({ page });
    await visitor.sees(1);
    await visitor.leave();
  }
  expect(await counterOf(page).count()).toBe(0);
});

test("an upgrade that comes straight to a full page is refused before it is accepted", async () => {
  const page = freshPage();
  for (let number = 0; number < 12; number++) await Visitor.join({ page });
  const response = await requestJoin({ page, query: "" });
  expect([response.status, response.headers.get("Retry-After"), await response.json()]).toEqual([
    503,
    "30",
    {
      error: {
        code: "page_full",
        message: "the page holds as many connections as it can; try again later",
      },
    },
  ]);
  expect(response.headers.get("Access-Control-Allow-Origin")).toBe("https://example.com");
  const client = await Visitor.join({ page, query: "&v=2" });
  expect(await client.closed).toEqual([
    1013,
    "the page takes nobody in at the moment; try again later",
  ]);
  expect(client.messages).toEqual([]);
  expect(await counterOf(page).count()).toBe(12);
});
