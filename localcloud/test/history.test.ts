import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addDeployment, addVersion, dropScript, ensureScript } from "../src/deploy/history.ts";
import {
  MAX_DEPLOYMENTS,
  MAX_VERSIONS,
  type Script,
  type State,
  type Version,
  emptyState,
  servingVersion,
} from "../src/model/state.ts";
import { openStore } from "../src/model/store.ts";
import { makeFolder } from "./support/folder.ts";
import { VERSION_PARTS } from "./support/version.ts";

function deploy(state: State, script: Script, ...versions: [Version, ...Version[]]): void {
  const [first, ...rest] = versions.map(({ id }) => ({ id, percentage: 100 / versions.length }));
  if (first === undefined) throw new Error("no version");
  addDeployment(state, script, { source: "api", annotations: {}, versions: [first, ...rest] });
}

test("the newest versions are kept, and those that serve", () => {
  const state = emptyState();
  const script = ensureScript(state, "app");
  const [old, alsoOld] = [
    addVersion(state, script, VERSION_PARTS),
    addVersion(state, script, VERSION_PARTS),
  ];
  deploy(state, script, old, alsoOld);
  for (let count = 0; count < MAX_VERSIONS + 1; count++) addVersion(state, script, VERSION_PARTS);
  const newest = MAX_VERSIONS + 3;
  expect(script.versions.map(({ number }) => number)).toEqual([
    ...Array.from({ length: MAX_VERSIONS }, (_, index) => newest - index),
    2,
    1,
  ]);
  deploy(state, script, alsoOld);
  expect(script.versions.map(({ number }) => number)).not.toContain(1);
  expect(servingVersion(script)).toBe(alsoOld);
  // The first deployment names a version that is gone.
  expect(script.deployments).toHaveLength(1);
});

test("deployments are kept up to a limit, the newest first", () => {
  const state = emptyState();
  const script = ensureScript(state, "app");
  const version = addVersion(state, script, VERSION_PARTS);
  for (let count = 0; count < MAX_DEPLOYMENTS + 1; count++) deploy(state, script, version);
  const ids = script.deployments.map(({ id }) => id);
  expect(new Set(ids).size).toBe(MAX_DEPLOYMENTS);
  deploy(state, script, version);
  expect(script.deployments.slice(1).map(({ id }) => id)).toEqual(ids.slice(0, -1));
});

test("a version's number and id never come back, not even when it is the newest and is removed", () => {
  const state = emptyState();
  const script = ensureScript(state, "app");
  addVersion(state, script, VERSION_PARTS);
  const removed = addVersion(state, script, VERSION_PARTS);
  script.versions.shift();
  const next = addVersion(state, script, VERSION_PARTS);
  expect(next.number).toBe(3);
  expect(next.id).not.toBe(removed.id);
});

test("a script that is removed leaves no counters, and one of its name is another Worker", () => {
  const state = emptyState();
  const first = ensureScript(state, "app");
  addVersion(state, first, VERSION_PARTS);
  dropScript(state, "app");
  expect(Object.keys(state.ordinals)).toEqual(["script:app"]);
  expect(state.scripts).toEqual([]);
  expect(ensureScript(state, "app").tag).not.toBe(first.tag);
});

test("code that no version needs any more is removed from the disk, and no other", async () => {
  const dir = await makeFolder();
  const store = openStore(dir);
  const [kept, dropped] = ["kept", "dropped"].map((text) => store.blobs.put(Buffer.from(text)));
  store.update((draft) => {
    for (const sha256 of [kept, dropped]) {
      const modules = [{ name: "worker.js", contentType: "", sha256: sha256 ?? "", sizeBytes: 4 }];
      addVersion(draft, ensureScript(draft, sha256 === kept ? "app" : "gone"), {
        ...VERSION_PARTS,
        modules,
      });
    }
  });
  expect(new Set(readdirSync(join(dir, "blobs")))).toEqual(new Set([kept, dropped]));
  store.update((draft) => dropScript(draft, "gone"));
  expect(readdirSync(join(dir, "blobs"))).toEqual([kept]);
});
