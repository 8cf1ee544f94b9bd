import { isUserId } from "@visitor-tracker/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const KEY = "visitor-tracker-id";

beforeEach(() => {
  vi.resetModules();
  localStorage.clear();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** As a page load has it: without the memory of the one before. */
async function load(): Promise<() => string> {
  vi.resetModules();
  return (await import("../src/visitor-id.ts")).getVisitorId;
}

test("the id is a UUID that the next page load finds again", async () => {
  const id = (await load())();
  expect(id).toMatch(UUID);
  expect(localStorage.getItem(KEY)).toBe(id);
  expect((await load())()).toBe(id);
});

test("an empty id, as a site may have left it, is none", async () => {
  localStorage.setItem(KEY, "");
  const id = (await load())();
  expect(id).toMatch(UUID);
  expect(localStorage.getItem(KEY)).toBe(id);
});

test.for([
  { name: "Global Privacy Control", signal: { globalPrivacyControl: true } },
  { name: "Do Not Track", signal: { doNotTrack: "1" } },
  {
    name: "Do Not Track without Global Privacy Control",
    signal: { doNotTrack: "1", globalPrivacyControl: false },
  },
])("under $name nothing is stored and the id lasts a page load", async ({ signal }) => {
  localStorage.setItem(KEY, "an-earlier-visit");
  vi.stubGlobal("navigator", signal);
  const getVisitorId = await load();
  const id = getVisitorId();
  expect(id).toMatch(UUID);
  expect(getVisitorId()).toBe(id);
  expect((await load())()).not.toBe(id);
  expect(localStorage.getItem(KEY)).toBe("an-earlier-visit");
});

test.for([{ signal: { doNotTrack: "0" } }, { signal: { globalPrivacyControl: false } }])(
  "$signal is no objection",
  async ({ signal }) => {
    vi.stubGlobal("navigator", signal);
    const id = (await load())();
    expect(localStorage.getItem(KEY)).toBe(id);
  },
);

test("where storage cannot be reached the id lives in memory", async () => {
  vi.stubGlobal("localStorage", undefined);
  const getVisitorId = await load();
  const id = getVisitorId();
  expect(id).toMatch(UUID);
  expect(getVisitorId()).toBe(id);
});

test("where storage is full the id lives in memory", async () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const full = new Proxy<Record<string, string>>(
    {},
    {
      set() {
        throw new DOMException("full", "QuotaExceededError");
      },
    },
  );
  vi.stubGlobal("localStorage", full);
  const getVisitorId = await load();
  const id = getVisitorId();
  expect(id).toMatch(UUID);
  expect(getVisitorId()).toBe(id);
});

test("an insecure origin, which has no randomUUID, still gets an id the server takes", async () => {
  vi.stubGlobal("crypto", {});
  const id = (await load())();
  expect(isUserId(id)).toBe(true);
  expect((await load())()).toBe(id);
});
