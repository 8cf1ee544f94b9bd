import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Env } from "../src/env.ts";
import worker from "../src/index.ts";
import { PageCounter } from "../src/page-counter.ts";
import { Follower } from "./support/follower.ts";
import { age } from "./support/object.ts";
import { shardOfPage, spread, userIdsFor } from "./support/shards.ts";
import { ORIGIN, counterOf } from "./support/visitor.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Bindings whose objects fail as the platform has them fail. */
function failing(flags: { overloaded?: true; retryable?: true }): Env {
  const error = Object.assign(new Error("Durable Object is unwell"), flags);
  const namespace = Object.create(env.PAGE_COUNTER);
  namespace.getByName = () => ({ fetch: () => Promise.reject(error) });
  return { ...env, PAGE_COUNTER: namespace };
}

function join(version: string): Request<unknown, IncomingRequestCfProperties> {
  const url = `https://tracker.test/ws?page=/a&userId=test-user-123${version}`;
  return new Request(url, { headers: { Upgrade: "websocket", Origin: ORIGIN } });
}

describe.each([{ overloaded: true }, { retryable: true }] as const)(
  "an object that is %o",
  (flags) => {
    test("closes a client that knows the code with 1013", async () => {
      vi.spyOn(console, "error").mockReturnValue();
      const { status, webSocket } = await worker.fetch(join("&v=2"), failing(flags));
      const closed = new Promise((resolve) => {
        webSocket?.addEventListener("close", ({ code }) => resolve(code));
      });
      webSocket?.accept();
      expect(status).toBe(101);
      expect(await closed).toBe(1013);
    });

    test("refuses any other with 503", async () => {
      vi.spyOn(console, "error").mockReturnValue();
      const response = await worker.fetch(join(""), failing(flags));
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: { code: "overloaded" } });
    });
  },
);

test("the count of a page with a shard that cannot be reached is refused, not guessed", async () => {
  const { page } = await spread();
  vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(PageCounter.prototype, "inform").mockRejectedValue(new Error("lost"));
  await evictDurableObject(counterOf(page));
  const response = await exports.default.fetch(`https://tracker.test/count?page=${page}`);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: "overloaded" } });
});

test("a read finds who fell silent on any shard", async () => {
  const { page } = await spread();
  await age(shardOfPage(page, 1), { byMs: 60_000 });
  for (const index of [0, 2, 3]) await evictDurableObject(shardOfPage(page, index));
  expect(await counterOf(page).count()).toBe(3);
});

/** Has reports reach the root a while after what a shard answers meanwhile. */
function delayReports(): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the object that it is of
  const { report } = PageCounter.prototype;
  vi.spyOn(PageCounter.prototype, "report").mockImplementation(async function (
    this: PageCounter,
    statements,
  ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return report.call(this, statements);
  });
}

describe("when reports take longer than answers", () => {
  test("a read does not count who fell silent on a shard that the root knows", async () => {
    const { page } = await spread();
    await age(shardOfPage(page, 1), { byMs: 60_000 });
    await evictDurableObject(counterOf(page));
    // Not by a read, which would look for the silent.
    await counterOf(page).report([]);
    delayReports();
    expect(await counterOf(page).count()).toBe(3);
  });

  test("a read finds who fell silent on a shard that the root does not know yet", async () => {
    const { page } = await spread();
    await age(shardOfPage(page, 1), { byMs: 60_000 });
    await evictDurableObject(counterOf(page));
    delayReports();
    expect(await counterOf(page).count()).toBe(3);
  });

  test("a read waits for a shard that reports to a root that has just woken", async () => {
    const { page, followers } = await spread();
    for (const index of [0, 1]) await evictDurableObject(shardOfPage(page, index));
    // Woken so, the root has looked for the silent, and knows nothing of the others.
    await counterOf(page).sweep(2);
    delayReports();
    await followers[1]?.visitor.leave();
    expect(await counterOf(page).count()).toBe(3);
  });
});

test("a shard's alarm that finds nobody silent wakes no other object", async () => {
  const { page, followers } = await spread();
  const [, [userId = ""] = []] = await userIdsFor(page, 4, 1);
  const watched = await Follower.join({ page, userId, query: "" });
  await Promise.all([watched, ...followers].map((follower) => follower.sees(5)));
  for (const index of [0, 1, 2, 3]) await evictDurableObject(shardOfPage(page, index));
  const calls = [
    vi.spyOn(PageCounter.prototype, "report"),
    vi.spyOn(PageCounter.prototype, "inform"),
  ];
  expect(await runDurableObjectAlarm(shardOfPage(page, 1))).toBe(true);
  for (const call of calls) expect(call).not.toHaveBeenCalled();
});
