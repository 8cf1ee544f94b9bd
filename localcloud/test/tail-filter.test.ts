import { expect, test } from "vitest";
import { isWanted, parseFilters } from "../src/tails/filter.ts";

const EVENT = {
  outcome: "ok",
  scriptVersion: { id: "v-1" },
  logs: [{ level: "log", message: ["hello world", { user: "ann" }] }],
  event: {
    request: {
      method: "POST",
      url: "http://localhost/",
      headers: { "x-visitor": "ann of Green Gables", "cf-connecting-ip": "127.0.0.1" },
    },
  },
};
const ALARM = { outcome: "exception", logs: [], event: { scheduledTime: "2026-11-30T00:00:00Z" } };

function passes(filters: unknown[], event: Record<string, unknown> = EVENT, random = 0.5): boolean {
  return isWanted(parseFilters({ filters }), event, {
    clientIp: "127.0.0.1",
    random: () => random,
  });
}

test.each([
  [[{ outcome: ["ok", "canceled"] }], true],
  [[{ outcome: ["exception"] }], false],
  [[{ method: ["post", "put"] }], true],
  [[{ method: ["GET"] }], false],
  [[{ header: { key: "X-Visitor" } }], true],
  [[{ header: { key: "X-Visitor", query: "Green" } }], true],
  [[{ header: { key: "X-Visitor", query: "Red" } }], false],
  [[{ header: { key: "x-other" } }], false],
  [[{ client_ip: ["192.0.2.1", "127.0.0.1"] }], true],
  [[{ client_ip: ["self"] }], true],
  [[{ client_ip: ["192.0.2.1"] }], false],
  [[{ query: "lo wor" }], true],
  [[{ query: "ann" }], true],
  [[{ query: "nothing" }], false],
  [[{ scriptVersion: "v-1" }], true],
  [[{ scriptVersion: "v-2" }], false],
  [[{ outcome: ["ok"] }, { method: ["GET"] }], false],
  [[], true],
])("with the filters %j a POST of ann's is shown: %s", (filters, expected) => {
  expect(passes(filters)).toBe(expected);
});

test.each([
  [[{ outcome: ["exception"] }], true],
  [[{ method: ["GET"] }], false],
  [[{ header: { key: "x-visitor" } }], false],
  [[{ client_ip: ["self"] }], false],
  [[{ scriptVersion: "v-1" }], false],
])("with the filters %j an alarm is shown: %s", (filters, expected) => {
  expect(passes(filters, ALARM)).toBe(expected);
});

test("a sampling rate lets its share through", () => {
  expect(passes([{ sampling_rate: 0.25 }], EVENT, 0.24)).toBe(true);
  expect(passes([{ sampling_rate: 0.25 }], EVENT, 0.25)).toBe(false);
});

test("no filters are no filters", () => {
  expect(parseFilters({})).toEqual([]);
  expect(parseFilters(null)).toEqual([]);
});
