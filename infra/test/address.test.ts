import { expect, test } from "vitest";
import { embedCode, ownAddress, workersDevAddress } from "../src/address.ts";
import type { Route } from "../src/exposure-config.ts";

const ROUTE: Route = {
  pattern: "blog.example.com/live/*",
  host: "blog.example.com",
  basePath: "/live",
  manageDns: false,
};
const EDGE = "http://localhost:8788";

test("a custom domain is preferred to a route", () => {
  expect(
    ownAddress({ customDomain: "count.example.com", route: ROUTE, workersDev: true }, undefined),
  ).toEqual({ url: "https://count.example.com", wsUrl: "wss://count.example.com/ws" });
});

test("a route's address has its path", () => {
  expect(ownAddress({ route: ROUTE, workersDev: true }, undefined)).toEqual({
    url: "https://blog.example.com/live",
    wsUrl: "wss://blog.example.com/live/ws",
  });
});

test("a route over many hosts has no address of its own", () => {
  const route = { ...ROUTE, pattern: "*.example.com/live/*", host: "*.example.com" };
  expect(ownAddress({ route, workersDev: false }, undefined)).toBeUndefined();
});

test("workers.dev alone gives no address without the account's subdomain", () => {
  expect(ownAddress({ workersDev: true }, undefined)).toBeUndefined();
  expect(workersDevAddress("tracker", "alice", undefined)).toEqual({
    url: "https://tracker.alice.workers.dev",
    wsUrl: "wss://tracker.alice.workers.dev/ws",
  });
});

test("addresses at the local edge have its scheme and port", () => {
  expect(ownAddress({ route: { ...ROUTE, host: "localhost" }, workersDev: false }, EDGE)).toEqual({
    url: "http://localhost:8788/live",
    wsUrl: "ws://localhost:8788/live/ws",
  });
  expect(workersDevAddress("tracker", "local", EDGE)).toEqual({
    url: "http://tracker.local.workers.localhost:8788",
    wsUrl: "ws://tracker.local.workers.localhost:8788/ws",
  });
});

test("an edge on the scheme's own port needs no port", () => {
  expect(
    ownAddress({ customDomain: "count.localhost", workersDev: false }, "https://localhost"),
  ).toEqual({ url: "https://count.localhost", wsUrl: "wss://count.localhost/ws" });
});

test.for([
  ["a host of its own", "https://count.example.com"],
  ["a route's path", "https://blog.example.com/live"],
  ["a path on many hosts", "/live"],
] as const)("the embed code loads the script from %s and checks it", ([, url]) => {
  expect(embedCode(url, { path: "/live-c0ffee.js", integrity: "sha384-abc" })).toBe(
    `<script src="${url}/live-c0ffee.js" integrity="sha384-abc" crossorigin="anonymous" async></script>\n<visitor-count></visitor-count>`,
  );
});
