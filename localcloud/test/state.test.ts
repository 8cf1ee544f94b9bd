import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ACCOUNT_ID, sha256, uuid, zoneId } from "../src/model/ids.ts";
import { lockFolder } from "../src/model/lock.ts";
import { MAX_COUNTERS, nextId } from "../src/model/ordinals.ts";
import { resetLocalCloud } from "../src/model/reset.ts";
import { STATE_FORMAT, addZones, emptyState, zoneOfHost } from "../src/model/state.ts";
import { openStore } from "../src/model/store.ts";
import { makeFolder } from "./support/folder.ts";

test("ids of the account and of zones are the same on every machine", () => {
  expect(ACCOUNT_ID).toBe("16d5621c989dbd67dbccacf411a77468");
  expect(zoneId("localhost")).toBe(sha256("zone:localhost").slice(0, 32));
  expect(uuid("version", 1)).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
});

test("a thing that is made again gets another id, and the same history the same ids", () => {
  const [first, second] = [emptyState(), emptyState()];
  const ids = [
    nextId(first, "route", "a/*"),
    nextId(first, "route", "a/*"),
    nextId(first, "route", "b/*"),
  ];
  expect(new Set(ids).size).toBe(3);
  expect([nextId(second, "route", "a/*"), nextId(second, "route", "a/*")]).toEqual(ids.slice(0, 2));
});

test("names that come and go leave a bounded number of counters, and no id comes back", () => {
  const state = emptyState();
  const names = Array.from({ length: 500 }, (_, number) => `preview-${number}`);
  const first = names.map((name) => nextId(state, "script", name));
  expect(Object.keys(state.ordinals)).toHaveLength(MAX_COUNTERS + 1);
  const again = names.map((name) => nextId(state, "script", name));
  expect(new Set([...first, ...again]).size).toBe(1_000);
  // Another kind counts for itself.
  expect(nextId(state, "route", "a/*")).toBe(nextId(emptyState(), "route", "a/*"));
});

test("a host belongs to the zone with the longest name", () => {
  const state = emptyState();
  addZones(state, ["localhost", "visitors.localhost"], "now");
  expect(zoneOfHost(state, "count.visitors.localhost")?.name).toBe("visitors.localhost");
  expect(zoneOfHost(state, "other.localhost")?.name).toBe("localhost");
  expect(zoneOfHost(state, "evillocalhost")).toBeNull();
});

test("what an update changes is there when the store is opened again", async () => {
  const dir = await makeFolder();
  openStore(dir).update((draft) => addZones(draft, ["example.com"], "now"));
  expect(openStore(dir).state.zones).toEqual([
    { id: zoneId("example.com"), name: "example.com", createdOn: "now" },
  ]);
});

test("an update that throws changes nothing, in memory or on disk", async () => {
  const dir = await makeFolder();
  const store = openStore(dir);
  store.update((draft) => addZones(draft, ["example.com"], "now"));
  const before = structuredClone(store.state);
  const act = (): void =>
    store.update((draft) => {
      draft.zones = [];
      throw new Error("no");
    });
  expect(act).toThrow("no");
  expect(store.state).toEqual(before);
  expect(openStore(dir).state).toEqual(before);
});

test("an update counts when it is written, even where nothing can be cleared away after it", async () => {
  const dir = await makeFolder();
  const store = openStore(dir);
  rmSync(join(dir, "blobs"), { recursive: true });
  store.update((draft) => {
    draft.subdomain = "mine";
  });
  expect([store.state.subdomain, openStore(dir).state.subdomain]).toEqual(["mine", "mine"]);
});

test("a state that somebody holds is not changed by later updates", async () => {
  const store = openStore(await makeFolder());
  const held = store.state;
  store.update((draft) => addZones(draft, ["example.com"], "now"));
  expect(held.zones).toEqual([]);
});

test("blobs without a script, and what interrupted writes left, are gone at the next start", async () => {
  const dir = await makeFolder();
  const key = openStore(dir).blobs.put(Buffer.from("nobody's"));
  writeFileSync(join(dir, "state.json.123.tmp"), "{");
  writeFileSync(join(dir, "blobs", `${key}.123.tmp`), "nob");
  openStore(dir);
  expect(readdirSync(join(dir, "blobs"))).toEqual([]);
  expect(readdirSync(dir)).toEqual(["blobs"]);
});

test("a blob that was damaged on disk is not served", async () => {
  const dir = await makeFolder();
  const { blobs } = openStore(dir);
  const key = blobs.put(Buffer.from("export default 1"));
  writeFileSync(join(dir, "blobs", key), "export default 2");
  expect(() => blobs.get(key)).toThrow(`${key} is damaged`);
});

test.each([
  ["{", "is not JSON"],
  [
    '{"format":99}',
    `has format 99, of a newer version than this one, which reads format ${STATE_FORMAT}. Use that version.`,
  ],
  ['{"format":0}', "has format 0, which no version wrote."],
  ['{"format":1.5}', "has format 1.5, which no version wrote."],
  ["[]", "has format undefined"],
  ['{"format":1,"zones":[]}', "lacks parts of a state of format 1."],
])("a state file with %j is refused with a way out, and kept", async (text, message) => {
  const dir = await makeFolder();
  const file = join(dir, "state.json");
  writeFileSync(file, text);
  expect(() => openStore(dir)).toThrow(message);
  expect(() => openStore(dir)).toThrow(`Move ${file} away to start with an empty account.`);
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("a folder is held by one at a time", async () => {
  const dir = await makeFolder();
  const lock = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(
    `${dir} is in use by process ${process.pid}. Stop that process, or use another folder.`,
  );
  lock.release();
  lockFolder(dir).release();
  expect(existsSync(join(dir, "lock"))).toBe(false);
});

test.each([
  ["a process that is gone", "2147483646 12345"],
  ["another process that got its number since", `${process.pid} 1`],
  ["a write that was cut short", ""],
])("a lock that %s left is taken over", async (_, text) => {
  const dir = await makeFolder();
  writeFileSync(join(dir, "lock"), text);
  const lock = lockFolder(dir);
  expect(readFileSync(join(dir, "lock"), "utf8").split(" ")[0]).toBe(String(process.pid));
  lock.release();
  expect(readdirSync(dir)).toEqual([]);
});

test("a lock is not released by a process that lost it", async () => {
  const dir = await makeFolder();
  const lock = lockFolder(dir);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "lock"), "1 1");
  lock.release();
  expect(readFileSync(join(dir, "lock"), "utf8")).toBe("1 1");
});

test("a folder that is reset is empty and free", async () => {
  const dir = await makeFolder();
  openStore(dir).update((draft) => addZones(draft, ["example.com"], "now"));
  mkdirSync(join(dir, "runtime", "do"), { recursive: true });
  writeFileSync(join(dir, "runtime", "do", "object.sqlite"), "x");
  writeFileSync(join(dir, "lock"), "2147483646 12345");
  await resetLocalCloud(dir);
  expect(readdirSync(dir)).toEqual([]);
});

test("a folder that is in use is not reset", async () => {
  const dir = await makeFolder();
  openStore(dir).update((draft) => addZones(draft, ["example.com"], "now"));
  const before = readFileSync(join(dir, "state.json"), "utf8");
  const lock = lockFolder(dir);
  await expect(resetLocalCloud(dir)).rejects.toThrow(
    `${dir} is in use by process ${process.pid}. Stop that process, or use another folder.`,
  );
  expect(readFileSync(join(dir, "state.json"), "utf8")).toBe(before);
  lock.release();
});

test("a folder is held while it is reset", async () => {
  const dir = await makeFolder();
  writeFileSync(join(dir, "state.json"), "{}");
  const reset = resetLocalCloud(dir);
  expect(() => lockFolder(dir)).toThrow(`${dir} is in use by process ${process.pid}.`);
  await reset;
  lockFolder(dir).release();
});

test("a folder that is not there is made when it is reset", async () => {
  const dir = join(await makeFolder(), "cloud");
  await resetLocalCloud(dir);
  expect(readdirSync(dir)).toEqual([]);
});
