import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openBlobs } from "../src/model/blobs.ts";
import { createLag } from "../src/model/lag.ts";
import { type State, emptyState } from "../src/model/state.ts";
import { makeFolder } from "./support/folder.ts";

function stateOf(subdomain: string): State {
  return { ...emptyState(), subdomain };
}

test("what was current a while ago is seen until its time is over", () => {
  let nowMs = 1_000;
  const lag = createLag(
    () => 100,
    () => nowMs,
  );
  const seen = (current: string): string => lag.at(stateOf(current)).subdomain;
  expect(seen("a")).toBe("a");
  lag.push(stateOf("a"));
  nowMs = 1_060;
  lag.push(stateOf("b"));
  expect(seen("c")).toBe("a");
  nowMs = 1_099;
  expect(seen("c")).toBe("a");
  nowMs = 1_100;
  expect(seen("c")).toBe("b");
  nowMs = 1_160;
  expect(seen("c")).toBe("c");
  expect(lag.states()).toEqual([]);
});

test("without a lag nothing is kept", () => {
  const lag = createLag(
    () => 0,
    () => 5,
  );
  lag.push(stateOf("a"));
  expect(lag.states()).toEqual([]);
  expect(lag.at(stateOf("b")).subdomain).toBe("b");
});

test("a blob is kept while its upload is under way, and once a state names it only as long as one does", async () => {
  const dir = join(await makeFolder(), "blobs");
  let nowMs = 0;
  const blobs = openBlobs(dir, () => nowMs);
  const [first, second] = [blobs.put(Buffer.from("first")), blobs.put(Buffer.from("second"))];
  blobs.collect(new Set());
  expect(readdirSync(dir).toSorted()).toEqual([first, second].toSorted());
  blobs.collect(new Set([first]));
  blobs.collect(new Set());
  expect(readdirSync(dir)).toEqual([second]);
  nowMs = 600_001;
  blobs.collect(new Set());
  expect(readdirSync(dir)).toEqual([]);
});

test("what was put again is kept although a state gave it up meanwhile", async () => {
  const dir = join(await makeFolder(), "blobs");
  mkdirSync(dir);
  writeFileSync(join(dir, "left.tmp"), "x");
  const blobs = openBlobs(dir);
  const key = blobs.put(Buffer.from("same"));
  blobs.collect(new Set([key]));
  blobs.put(Buffer.from("same"));
  blobs.collect(new Set());
  expect(readdirSync(dir)).toEqual([key]);
});
