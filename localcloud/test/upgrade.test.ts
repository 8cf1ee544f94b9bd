import { cpSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { STATE_FORMAT, emptyState } from "../src/model/state.ts";
import { openStore } from "../src/model/store.ts";
import { type Result, startTestCloud } from "./support/cloud.ts";
import { makeFolder } from "./support/folder.ts";

const FIXTURES = fileURLToPath(new URL("fixtures/", import.meta.url));
const SCRIPTS = "/accounts/:account/workers/scripts";

/** A copy of the folder that a version with this format left. */
async function folderOf(format: number): Promise<string> {
  const dir = await makeFolder();
  cpSync(join(FIXTURES, `state-format-${format}`), dir, { recursive: true });
  return dir;
}

const OLDER = Array.from({ length: STATE_FORMAT - 1 }, (_, index) => index + 1);

test("there is a folder of every format that was ever written", () => {
  expect(readdirSync(FIXTURES).filter((name) => name.startsWith("state-format-"))).toEqual(
    OLDER.map((format) => `state-format-${format}`),
  );
});

test.each(OLDER)(
  "a state of format %i is upgraded on disk, once, and kept beside it",
  async (format) => {
    const dir = await folderOf(format);
    const old = readFileSync(join(dir, "state.json"), "utf8");
    const { state } = openStore(dir);
    expect(Object.keys(state).toSorted()).toEqual(Object.keys(emptyState()).toSorted());
    expect(JSON.parse(readFileSync(join(dir, "state.json"), "utf8"))).toEqual(state);
    expect(readFileSync(join(dir, `state.format-${format}.json`), "utf8")).toBe(old);
    expect(openStore(dir).state).toEqual(state);
  },
);

test.each(OLDER)("the folder of a version with format %i serves as before", async (format) => {
  const warnings: string[] = [];
  const cloud = await startTestCloud({
    dir: await folderOf(format),
    onWarning: (message) => warnings.push(message),
  });
  expect((await cloud.visit("app.local.workers.dev", "/page")).text).toBe("Room 1");
  expect((await cloud.visit("count.visitors.localhost", "/page")).text).toBe("Room 2");
  expect((await cloud.visit("localhost")).text).toBe("hello");
  const { result } = await cloud.api("GET", `${SCRIPTS}/app/settings`);
  expect(result.bindings.map(({ name }) => name)).toEqual(["COUNTER", "GREETING", "KEY"]);
  const records = await cloud.api<Result[]>(
    "GET",
    `/zones/${cloud.zoneId("localhost")}/dns_records`,
  );
  expect(records.result.map(({ name, content }) => [name, content])).toEqual([
    ["www.localhost", "100::"],
  ]);
  expect(warnings).toEqual([]);
});
