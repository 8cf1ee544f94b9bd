import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COUNTED_WORKER, callsOf } from "./support/counted-worker.ts";
import { ORIGIN, type Server, startServer } from "./support/server.ts";
import { Visitor } from "./support/visitor.ts";

let server: Server;
let port: number;

beforeAll(async () => {
  server = await startServer({ wrapper: COUNTED_WORKER, siteCount: true });
  ({ port } = server);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function readSite(): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/count?site=${ORIGIN}`);
  return response.json();
}

/** Waits until a read, of which one in five seconds is new, is this. */
async function reads(expected: unknown): Promise<void> {
  for (;;) {
    const site = await readSite();
    try {
      expect(site).toEqual({ ...Object(expected), timestamp: expect.any(Number) });
      return;
    } catch (error) {
      if (Date.now() - Number(Object(site).timestamp) > 10_000) throw error;
    }
    await wait(50);
  }
}

/** Waits until that call was made so often. */
async function isCalled(call: string, times: number): Promise<void> {
  while (((await callsOf(port))[call] ?? 0) < times) await wait(20);
  expect((await callsOf(port))[call]).toBe(times);
}

test("a site's total follows its pages, while they and the directory hibernate", async () => {
  const [a, b] = [`${ORIGIN}/${randomUUID()}`, `${ORIGIN}/${randomUUID()}`];
  const ada = await Visitor.join({ port, page: a });
  await isCalled(`report ${a}`, 1);
  await server.evict(a);
  const bob = await Visitor.join({ port, page: a });
  const eve = await Visitor.join({ port, page: b });
  await isCalled(`report ${a}`, 2);
  await isCalled(`report ${b}`, 1);
  const pages = [
    { page: a, count: 2 },
    { page: b, count: 1 },
  ];
  await reads({ count: 3, pages });
  for (const page of [a, b]) await server.evict(page);
  await server.evict(ORIGIN, "SiteDirectory");
  await ada.leave(1000);
  await eve.leave(1000);
  await reads({ count: 1, pages: [{ page: a, count: 1 }] });
  await server.evict(a);
  await bob.leave(1000);
  await reads({ count: 0, pages: [] });
  const calls = await callsOf(port);
  expect([calls[`report ${a}`], calls[`report ${b}`]]).toEqual([4, 2]);
  expect([calls[`count ${a}`], calls[`alarm ${a}`]]).toEqual([undefined, undefined]);
});

test("what has to wait is told by an object that hibernated meanwhile", async () => {
  const page = `${ORIGIN}/${randomUUID()}`;
  const ada = await Visitor.join({ port, page });
  await isCalled(`report ${page}`, 1);
  const toldMs = performance.now();
  const bob = await Visitor.join({ port, page });
  await bob.sees(2);
  // Answered after the alarm was set.
  await fetch(`http://127.0.0.1:${port}/count?page=${page}`);
  await server.evict(page);
  await isCalled(`report ${page}`, 2);
  const laterMs = performance.now() - toldMs;
  expect(laterMs).toBeGreaterThan(14_000);
  expect((await callsOf(port))[`alarm ${page}`]).toBe(1);
  await reads({ count: 2, pages: [{ page, count: 2 }] });
  for (const visitor of [ada, bob]) visitor.socket.terminate();
});
