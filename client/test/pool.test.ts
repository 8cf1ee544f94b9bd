import { expect, test, vi } from "vitest";
import { createVisitorCounter } from "../src/index.ts";
import { FakeWebSocket, liveSockets, socketAt } from "./fake-websocket.ts";
import { settle, USER_ID, withFreshPage, visit } from "./page.ts";

withFreshPage();

test("a counter that nobody subscribes to does nothing", async () => {
  const counter = createVisitorCounter();
  expect(counter.getSnapshot()).toEqual({ count: undefined, status: "idle" });
  await settle();
  expect(FakeWebSocket.made).toHaveLength(0);
  expect(localStorage).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
});

test("counters of the same page share one socket and one state", () => {
  const [one, two] = [visit(), visit()];
  expect(FakeWebSocket.made).toHaveLength(1);
  socketAt(0).accept().sayCount(5);
  expect(two.state()).toBe(one.state());
  expect(two.heard).toEqual([{ count: 5, status: "live" }]);
});

test.for([
  { endpoint: "https://count.example.com", visitorId: USER_ID },
  { page: "/other", visitorId: USER_ID },
  { visitorId: "another-visitor" },
])("a counter of $endpoint $page $visitorId has a socket of its own", (options) => {
  visit();
  visit(options);
  expect(FakeWebSocket.made).toHaveLength(2);
});

test("the connection lasts until the last subscriber leaves", async () => {
  const [one, two] = [visit(), visit()];
  const socket = socketAt(0).accept().sayCount(5);
  one.leave();
  await settle();
  expect(socket.isLive).toBe(true);
  expect(one.heard).toHaveLength(1);
  two.leave();
  await settle();
  expect(socket.closedWith).toBe(1000);
  expect(vi.getTimerCount()).toBe(0);
});

test("leaving and joining within one task keeps the socket", async () => {
  const one = visit();
  const socket = socketAt(0).accept().sayCount(5);
  one.leave();
  const two = visit();
  await settle();
  expect(socket.isLive).toBe(true);
  expect(two.state()).toEqual({ count: 5, status: "live" });
});

test("leaving and joining over and over within one task ends with nothing open", async () => {
  for (let round = 0; round < 5; round++) visit().leave();
  await settle();
  expect(FakeWebSocket.made).toHaveLength(1);
  expect(socketAt(0).closedWith).toBe(1000);
  expect(visit().state().status).toBe("connecting");
  expect(FakeWebSocket.made).toHaveLength(2);
});

test("leaving twice is leaving once", async () => {
  const [one] = [visit(), visit()];
  socketAt(0).accept();
  one.leave();
  one.leave();
  await settle();
  expect(liveSockets()).toBe(1);
});

test("one function subscribed twice is two subscriptions", async () => {
  const counter = createVisitorCounter();
  const listener = vi.fn<() => void>();
  const leaveOne = counter.subscribe(listener);
  const leaveTwo = counter.subscribe(listener);
  socketAt(0).accept().sayCount(2);
  expect(listener).toHaveBeenCalledTimes(2);
  leaveOne();
  await settle();
  socketAt(0).sayCount(3);
  expect(listener).toHaveBeenCalledTimes(3);
  leaveTwo();
});

test("a counter that was left can be joined again", async () => {
  const counter = createVisitorCounter();
  counter.subscribe(() => {})();
  await settle();
  const leave = counter.subscribe(() => {});
  socketAt(1).accept().sayCount(2);
  expect(counter.getSnapshot()).toEqual({ count: 2, status: "live" });
  leave();
});

test("nothing listens to the page after the visitor has left", async () => {
  visit().leave();
  await settle();
  for (const type of ["pageshow", "online"]) window.dispatchEvent(new Event(type));
  expect(FakeWebSocket.made).toHaveLength(1);
});
