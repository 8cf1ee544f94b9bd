import { expect, test } from "vitest";
import { createFaults, parseFaultRule } from "../src/faults.ts";

test("a rule acts on requests that match, once unless it says otherwise", () => {
  const faults = createFaults();
  faults.add({ method: "PUT", path: "/scripts/[^/]+$", status: 500 });
  expect(faults.take("GET", "/scripts/a")).toBeNull();
  expect(faults.take("PUT", "/scripts/a/secrets")).toBeNull();
  expect(faults.take("PUT", "/scripts/a")?.status).toBe(500);
  expect(faults.take("PUT", "/scripts/a")).toBeNull();
  expect(faults.list()).toEqual([]);
});

test("a rule lets the requests pass that it skips, then acts as often as it says", () => {
  const faults = createFaults();
  faults.add({ skip: 2, times: 2, drop: true });
  const acted = Array.from({ length: 6 }, () => faults.take("GET", "/") !== null);
  expect(acted).toEqual([false, false, true, true, false, false]);
});

test("rules act in the order they were added", () => {
  const faults = createFaults();
  faults.add({ status: 500 }, { status: 429 });
  expect([faults.take("GET", "/")?.status, faults.take("GET", "/")?.status]).toEqual([500, 429]);
});

test("cleared rules act no more", () => {
  const faults = createFaults();
  faults.add({ status: 500, times: 9 });
  faults.clear();
  expect(faults.take("GET", "/")).toBeNull();
});

test.each([
  [null, "A fault must be an object."],
  [
    { pth: "/" },
    "'pth' is no field of a fault; it has method, path, skip, times, delayMs, status, code, message, html, headers, drop, truncate, after.",
  ],
  [{ path: "(" }, 'fault.path: "(" is not allowed.'],
  [{ times: 0 }, "fault.times: 0 is not allowed."],
  [{ status: "500" }, 'fault.status: "500" is not allowed.'],
  [{ method: "put" }, 'fault.method: "put" is not allowed.'],
  [{ headers: { a: 1 } }, 'fault.headers: {"a":1} is not allowed.'],
  [
    { headers: { "bad header": "1" } },
    'fault.headers: Header name must be a valid HTTP token ["bad header"]',
  ],
  [{ headers: { "": "1" } }, 'fault.headers: Header name must be a valid HTTP token [""]'],
  [
    { headers: { "retry-after": "1\r\nx: y" } },
    'fault.headers: Invalid character in header content ["retry-after"]',
  ],
])("a rule %j from outside is refused", (rule, message) => {
  expect(() => parseFaultRule(rule)).toThrow(new TypeError(message));
});

test("a list with one wrong rule adds none", () => {
  const faults = createFaults();
  expect(() => faults.addUntrusted([{ status: 500 }, { status: 5 }])).toThrow(
    "fault.status: 5 is not allowed.",
  );
  expect(faults.list()).toEqual([]);
});
