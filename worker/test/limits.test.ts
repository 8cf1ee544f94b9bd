import { MAX_MESSAGE_BYTES } from "@visitor-tracker/protocol";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import { connectionsOf } from "./support/object.ts";
import { Visitor, counterOf, freshPage } from "./support/visitor.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Two visitors, of whom the second is about to misbehave. */
async function couple(): Promise<{ page: string; ada: Visitor; bob: Visitor }> {
  const page = freshPage();
  const ada = await Visitor.join({ page });
  const bob = await Visitor.join({ page });
  await Promise.all([ada.sees(2), bob.sees(2)]);
  return { page, ada, bob };
}

describe("a message", () => {
  test.for([
    ["text with a byte too many", "a".repeat(MAX_MESSAGE_BYTES + 1)],
    ["a third as many characters of three bytes each", "€".repeat(MAX_MESSAGE_BYTES / 3 + 1)],
    ["binary", new Uint8Array([1, 2, 3])],
    ["a binary ping", new TextEncoder().encode('{"type":"ping"}')],
  ] as const)("of %s is closed with 1009, and its visitor has left", async ([, message]) => {
    const { ada, bob } = await couple();
    bob.socket.send(message);
    expect(await bob.closed).toEqual([1009, `send text of at most ${MAX_MESSAGE_BYTES} bytes`]);
    await ada.sees(1);
  });

  test.for([
    ["of exactly the limit", "a".repeat(MAX_MESSAGE_BYTES)],
    ["that is not JSON", "{"],
    ["that is not a heartbeat", '{"type":"count","count":99,"timestamp":1}'],
    ["with a prototype in it", '{"__proto__":{"type":"heartbeat"},"constructor":1}'],
    ["of deep nesting", "[".repeat(500) + "]".repeat(500)],
    ["that is empty", ""],
  ] as const)("%s is ignored", async ([, message]) => {
    const { page, ada, bob } = await couple();
    const before = await connectionsOf(counterOf(page));
    bob.socket.send(message);
    expect(await counterOf(page).count()).toBe(2);
    const after = await connectionsOf(counterOf(page));
    expect(after.map(({ u, t }) => [u, t])).toEqual(before.map(({ u, t }) => [u, t]));
    expect([ada.counts, bob.counts]).toEqual([[1, 2], [2]]);
  });

  test("that claims another visitor or page changes nothing but the sign of life", async () => {
    const { page, ada, bob } = await couple();
    bob.heartbeat("ada-or-anybody");
    bob.heartbeat("somebody-new");
    expect(await counterOf(page).count()).toBe(2);
    const connections = await connectionsOf(counterOf(page));
    expect(new Set(connections.map(({ u }) => u)).size).toBe(2);
    expect([ada.counts, bob.counts]).toEqual([[1, 2], [2]]);
  });
});

describe("more than ten messages in ten seconds", () => {
  test("are closed with 4429, and the visitor has left", async () => {
    const { ada, bob } = await couple();
    for (let number = 0; number < 11; number++) bob.socket.send("{}");
    expect(await bob.closed).toEqual([4429, "too many messages"]);
    await ada.sees(1);
  });

  test("are counted across hibernation", async () => {
    const { page, ada, bob } = await couple();
    for (let number = 0; number < 10; number++) bob.heartbeat();
    expect(await counterOf(page).count()).toBe(2);
    await evictDurableObject(counterOf(page));
    // The second of allowance that has come back since then, at most, and one message too many.
    for (let number = 0; number < 3; number++) bob.heartbeat();
    expect(await bob.closed).toEqual([4429, "too many messages"]);
    await ada.sees(1);
  });

  test("are of one connection: another tab of the visitor goes on", async () => {
    const page = freshPage();
    const quiet = await Visitor.join({ page, userId: "bob-bob-bob" });
    const loud = await Visitor.join({ page, userId: "bob-bob-bob" });
    for (let number = 0; number < 11; number++) loud.heartbeat();
    expect(await loud.closed).toEqual([4429, "too many messages"]);
    quiet.heartbeat();
    expect(await counterOf(page).count()).toBe(1);
  });
});

describe("more than eight tabs of a visitor", () => {
  test("close the one that joined first, and the visitor stays counted", async () => {
    const page = freshPage();
    const tabs: Visitor[] = [];
    for (let number = 0; number < 8; number++) {
      tabs.push(await Visitor.join({ page, userId: "bob-bob-bob" }));
    }
    await evictDurableObject(counterOf(page));
    const ninth = await Visitor.join({ page, userId: "bob-bob-bob" });
    expect(await tabs[0]?.closed).toEqual([4429, "more than 8 tabs"]);
    await ninth.sees(1);
    expect(await connectionsOf(counterOf(page))).toHaveLength(8);
    expect(await counterOf(page).count()).toBe(1);
  });

  test("close the oldest even when all joined in the same millisecond", async () => {
    const page = freshPage();
    vi.spyOn(Date, "now").mockReturnValue(Date.now());
    const tabs: Visitor[] = [];
    for (let number = 0; number < 10; number++) {
      tabs.push(await Visitor.join({ page, userId: "bob-bob-bob" }));
      if (number === 4) await evictDurableObject(counterOf(page));
    }
    expect(new Set((await connectionsOf(counterOf(page))).map(({ j }) => j)).size).toBe(1);
    expect(await Promise.all([tabs[0]?.closed, tabs[1]?.closed])).toEqual([
      [4429, "more than 8 tabs"],
      [4429, "more than 8 tabs"],
    ]);
    const kept = tabs.slice(2).map(({ socket }) => socket.readyState);
    expect(kept).toEqual(Array<number>(8).fill(WebSocket.OPEN));
  });

  test("never close the tab that has just joined, in whatever order the platform lists them", async () => {
    const page = freshPage();
    vi.spyOn(Date, "now").mockReturnValue(Date.now());
    await runInDurableObject(counterOf(page), (_instance, state) => {
      const list = state.getWebSockets.bind(state);
      state.getWebSockets = (tag) => list(tag).toReversed();
    });
    for (let number = 0; number < 8; number++) {
      await Visitor.join({ page, userId: "bob-bob-bob" });
    }
    const ninth = await Visitor.join({ page, userId: "bob-bob-bob" });
    await ninth.sees(1);
    expect(await connectionsOf(counterOf(page))).toHaveLength(8);
    expect(ninth.socket.readyState).toBe(WebSocket.OPEN);
  });

  test("are no limit to other visitors, nor to observers", async () => {
    const page = freshPage();
    for (let number = 0; number < 9; number++) {
      await Visitor.join({ page, userId: "bob-bob-bob", query: "&observe=1&v=2" });
    }
    await Visitor.join({ page });
    expect(await connectionsOf(counterOf(page))).toHaveLength(10);
  });
});
