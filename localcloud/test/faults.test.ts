import { expect, test } from "vitest";
import { parseFaultRule } from "../src/fault-rule.ts";
import { createFaults } from "../src/faults.ts";

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

test("each rule has an id, and can be removed by it", () => {
  const faults = createFaults();
  faults.add({ status: 500 }, { status: 429, times: 2 });
  expect(faults.list()).toEqual([
    { id: 1, status: 500, skip: 0, times: 1 },
    { id: 2, status: 429, skip: 0, times: 2 },
  ]);
  expect([faults.remove(1), faults.remove(1)]).toEqual([true, false]);
  faults.clear();
  faults.add({ drop: true });
  expect(faults.list().map(({ id }) => id)).toEqual([3]);
});

test("reads lag behind writes by what is set, until the rules are cleared", () => {
  const faults = createFaults();
  expect(faults.eventualConsistencyMs).toBe(0);
  faults.setEventualConsistencyMs(250);
  expect(faults.eventualConsistencyMs).toBe(250);
  faults.clear();
  expect(faults.eventualConsistencyMs).toBe(0);
});

test.each([-1, 1.5, 600_001, Number.NaN])("reads cannot lag by %s ms", (value) => {
  expect(() => createFaults().setEventualConsistencyMs(value)).toThrow(
    new TypeError(
      `eventualConsistencyMs: ${JSON.stringify(value)} is not allowed; give a whole number from 0 to 600000.`,
    ),
  );
});

test.each([
  [null, "A fault must be an object."],
  [
    { pth: "/" },
    "'pth' is no field of a fault; it has method, path, skip, times, delayMs, status, code, message, html, headers, retryAfter, drop, truncate, after.",
  ],
  [
    { path: "(" },
    'fault.path: "(" is not allowed; give a regular expression, such as /scripts/[^/]+$.',
  ],
  [{ times: 0 }, "fault.times: 0 is not allowed; give a whole number from 1 to 1000000000."],
  [{ status: "500" }, 'fault.status: "500" is not allowed; give a whole number from 200 to 599.'],
  [
    { method: "put" },
    'fault.method: "put" is not allowed; give a method in capitals, such as PUT.',
  ],
  [{ headers: { a: 1 } }, 'fault.headers: {"a":1} is not allowed; give an object of texts.'],
  [
    { headers: { "bad header": "1" } },
    'fault.headers: Header name must be a valid HTTP token ["bad header"]',
  ],
  [{ headers: { "": "1" } }, 'fault.headers: Header name must be a valid HTTP token [""]'],
  [
    { headers: { "retry-after": "1\r\nx: y" } },
    'fault.headers: Invalid character in header content ["retry-after"]',
  ],
  [{}, "A fault must do something: give delayMs, status, drop or truncate."],
  [{ delayMs: 0 }, "A fault must do something: give delayMs, status, drop or truncate."],
  [{ after: true }, "fault.after: say how it fails then: drop, truncate or status."],
  [{ drop: true, status: 500 }, "fault.drop: nothing is answered, so leave fault.status out."],
  [{ drop: true, truncate: true }, "fault.drop: nothing is answered, so leave fault.truncate out."],
  [{ html: "<h1>", drop: true }, "fault.html: it belongs to an answer; give fault.status, too."],
  [{ retryAfter: 2 }, "fault.retryAfter: it belongs to an answer; give fault.status, too."],
])("a rule %j from outside is refused", (rule, message) => {
  expect(() => parseFaultRule(rule)).toThrow(new TypeError(message));
});

test("a list with one wrong rule adds none", () => {
  const faults = createFaults();
  expect(() => faults.addUntrusted([{ status: 500 }, { status: 5 }])).toThrow(
    "fault.status: 5 is not allowed; give a whole number from 200 to 599.",
  );
  expect(faults.list()).toEqual([]);
});
