import { describe, expect, test } from "vitest";
import { hashVisitor, joinRequest } from "../src/join-request.ts";
import { shardOf } from "../src/rules/shard-of.ts";
import { shardName } from "../src/shard/layout.ts";
import { ask, fakeNamespace } from "./support/ask.ts";
import { shardOfPage, spread, spreadOf } from "./support/shards.ts";
import { ORIGIN, freshPage } from "./support/visitor.ts";

describe("a Worker that believes in another number of shards", () => {
  const join = { visitor: "abc", isContractClient: false };

  async function answerOf(page: string, index: number, shards: number): Promise<unknown[]> {
    const stub = shardOfPage(page, index);
    const { status, headers } = await stub.fetch(joinRequest({ ...join, shards }));
    return [status, headers.get("Visitor-Tracker-Shards")];
  }

  test("is told the right one by every object, and nobody joins", async () => {
    const whole = freshPage();
    expect(await answerOf(whole, 0, 4)).toEqual([421, "1"]);
    expect(await answerOf(whole, 9, 16)).toEqual([421, "1"]);
    const { page } = await spread();
    expect(await answerOf(page, 0, 1)).toEqual([421, "4"]);
    expect(await answerOf(page, 0, 16)).toEqual([421, "4"]);
    expect(await answerOf(page, 3, 16)).toEqual([421, "4"]);
    expect(await answerOf(page, 9, 16)).toEqual([421, "4"]);
    expect(await spreadOf(page, 16)).toEqual([1, 1, 1, 1, ...Array<number>(12).fill(0)]);
  });

  test("goes to the right one, and remembers it for the page", async () => {
    const asked: string[] = [];
    const page = freshPage();
    const namespace = fakeNamespace(() => {
      asked.push(new URL(namespace.requests.at(-1)?.url ?? "").searchParams.get("shards") ?? "1");
      const headers = { "Visitor-Tracker-Shards": "64" };
      return Promise.resolve(
        asked.length === 1 ? new Response(null, { status: 421, headers }) : Response.json("joined"),
      );
    });
    const attempt = (): Promise<Response> =>
      ask(
        `/ws?page=${encodeURIComponent(page)}&userId=test-user-123`,
        { headers: { Upgrade: "websocket", Origin: ORIGIN } },
        { PAGE_COUNTER: namespace.binding },
      );
    expect((await attempt()).status).toBe(200);
    expect((await attempt()).status).toBe(200);
    expect(asked).toEqual(["1", "64", "64"]);
    const index = shardOf(await hashVisitor(page, "test-user-123"), 64);
    const right = shardName({ key: page, index });
    expect(namespace.calls.map(([, name]) => name)).toEqual([page, right, right]);
  });

  test("refuses the visitor when objects go on disagreeing, for a time that differs", async () => {
    const headers = { "Visitor-Tracker-Shards": "4" };
    const { binding, requests } = fakeNamespace(() =>
      Promise.resolve(new Response(null, { status: 421, headers })),
    );
    const waits = new Set<number>();
    for (let time = 0; time < 40; time++) {
      const response = await ask(
        `/ws?page=/${crypto.randomUUID()}&userId=test-user-123`,
        { headers: { Upgrade: "websocket", Origin: ORIGIN } },
        { PAGE_COUNTER: binding },
      );
      expect(response.status).toBe(503);
      waits.add(Number(response.headers.get("Retry-After")));
    }
    expect(requests).toHaveLength(120);
    expect([Math.min(...waits) >= 5, Math.max(...waits) <= 30, waits.size > 5]).toEqual([
      true,
      true,
      true,
    ]);
  });
});
