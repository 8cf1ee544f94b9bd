import { PING, PONG } from "@visitor-tracker/protocol";
import { expect, test, vi } from "vitest";
import { DropClock } from "../drop-clock.ts";
import { Traffic } from "../traffic.ts";

const socket = { cut: () => undefined };

test("a visit with pings alone is one request and one join", () => {
  const changed = vi.fn<() => void>();
  const traffic = new Traffic(changed);
  const line = traffic.opening("me", socket, 1_000);
  traffic.opened();
  traffic.sends(line, PING, 0);
  traffic.hears(line, PONG, 12.5);
  traffic.sends(line, PING, 20_000);
  expect(traffic.usage).toEqual({ workerRequests: 1, joins: 1, wakingMessages: 0 });
  expect([traffic.sent, traffic.received, traffic.roundTripMs("me")]).toEqual([2, 1, 12.5]);
  expect(traffic.attemptsAtMs).toEqual([1_000]);
  expect(changed).toHaveBeenCalledTimes(5);
});

test("other messages wake the object, and questions are requests to the Worker", () => {
  const traffic = new Traffic(() => {});
  traffic.sends(traffic.opening("me", socket, 0), '{"type":"heartbeat"}', 0);
  traffic.asked();
  expect(traffic.usage).toEqual({ workerRequests: 2, joins: 0, wakingMessages: 1 });
});

test("an answer on a connection that was replaced says nothing of the new one", () => {
  const traffic = new Traffic(() => {});
  const old = traffic.opening("me", socket, 0);
  traffic.sends(old, PING, 0);
  traffic.opening("me", socket, 0);
  traffic.hears(old, PONG, 9_000);
  expect(traffic.roundTripMs("me")).toBeUndefined();
});

test("only a close for good has a reason to show", () => {
  const traffic = new Traffic(() => {});
  const line = traffic.opening("me", socket, 0);
  traffic.closed(line, 4408, "no sign of life");
  expect(traffic.reason("me")).toBeUndefined();
  traffic.closed(line, 4429, "more than 8 tabs");
  expect(traffic.reason("me")).toBe("more than 8 tabs");
});

test("a cut reaches the visitor's connection in use and tells how that ends", async () => {
  const traffic = new Traffic(() => {});
  traffic.opening("guest", { cut: (ended) => ended(1006) }, 0);
  traffic.opening("guest", { cut: (ended) => ended(4408) }, 0);
  expect(await traffic.cut("guest")).toBe(4408);
});

test("the clock runs from the leaving to its end", () => {
  const clock = new DropClock();
  expect([clock.isRunning, clock.elapsedMs(500)]).toEqual([false, undefined]);
  clock.start("goodbye", 1_000);
  expect([clock.isRunning, clock.elapsedMs(1_200)]).toEqual([true, 200]);
  clock.stop("goodbye", 1_250);
  expect([clock.isRunning, clock.elapsedMs(9_000)]).toEqual([false, 250]);
});

test("a goodbye meanwhile neither ends nor replaces the measurement of a silence", () => {
  const clock = new DropClock();
  clock.start("silence", 1_000);
  clock.start("goodbye", 2_000);
  clock.stop("goodbye", 3_000);
  expect([clock.isRunning, clock.leaving, clock.elapsedMs(5_000)]).toEqual([
    true,
    "silence",
    4_000,
  ]);
  clock.cancel();
  expect([clock.isRunning, clock.elapsedMs(6_000)]).toEqual([false, undefined]);
});
