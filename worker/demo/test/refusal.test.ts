import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askWhy } from "../refusal.ts";

beforeEach(() => {
  vi.stubGlobal("location", new URL("https://count.example/live/"));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Has the server answer like this. */
function answer(response: () => Promise<Response>) {
  const fetch = vi.fn<(url: string) => Promise<Response>>(response);
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

const refused = (status: number, body: unknown, headers: HeadersInit = {}) =>
  answer(async () => Response.json(body, { status, headers }));

test("the server is asked as a visitor asks it, and its words and its delay are passed on", async () => {
  const body = { error: { code: "rate_limited", message: "too many connections" } };
  const fetch = refused(429, body, { "Retry-After": "60" });
  expect(await askWhy("/live/", "visitor-1")).toEqual({
    message: "too many connections",
    retryAfterMs: 60_000,
  });
  expect(fetch.mock.calls).toEqual([
    ["/live/ws?page=https%3A%2F%2Fcount.example%2Flive%2F&userId=visitor-1&v=2"],
  ]);
});

test("a server that would let a visitor in is tried again soon", async () => {
  refused(426, { error: { message: "connect with ws://" } });
  expect(await askWhy("/", "visitor-1")).toEqual({
    message: "it takes visitors again",
    retryAfterMs: 1_000,
  });
});

test.each([[{ error: { message: 5 } }], [{ error: null }], [null], ["no"]])(
  "an answer of %j has no reason to show",
  async (body) => {
    refused(500, body);
    expect(await askWhy("/", "visitor-1")).toEqual({ message: "no reason", retryAfterMs: 5_000 });
  },
);

test("a server out of reach is said to be that", async () => {
  answer(async () => {
    throw new TypeError("Failed to fetch");
  });
  expect(await askWhy("/", "visitor-1")).toEqual({
    message: "nothing; it cannot be reached",
    retryAfterMs: 5_000,
  });
});
