import { expect, test } from "vitest";
import { addDeployment, addVersion, ensureScript } from "../src/deploy/history.ts";
import { applyDeployment } from "../src/deploy/swap.ts";
import { createMutex } from "../src/http/mutex.ts";
import type { State } from "../src/model/state.ts";
import { openStore } from "../src/model/store.ts";
import type { Runtime } from "../src/runtime/types.ts";
import { createTails } from "../src/tails/tails.ts";
import { makeFolder } from "./support/folder.ts";
import { VERSION_PARTS } from "./support/version.ts";

function addScript(draft: State, name: string): void {
  const script = ensureScript(draft, name);
  const { id } = addVersion(draft, script, VERSION_PARTS);
  addDeployment(draft, script, {
    source: "api",
    annotations: {},
    versions: [{ id, percentage: 100 }],
  });
}

/** A runtime that runs nothing, and tells which scripts it is asked to start. */
function recordingRuntime(started: string[]): Runtime {
  return {
    probe: async () => ({ exports: [], startupTimeMs: 1 }),
    deploy: async (name) => void started.push(name),
    address: async () => ({ host: "127.0.0.1", port: 1, headers: {} }),
    remove: async () => undefined,
    trace: async () => undefined,
    runScheduled: async () => null,
    listObjects: async () => [],
    deleteNamespace: async () => undefined,
    close: async () => undefined,
  };
}

test.each([
  ["the one that is deployed", "giver"],
  ["another one", "taker"],
])("who loses a namespace starts before who gets it, when that is %s", async (_, deployed) => {
  const store = openStore(await makeFolder());
  store.update((draft) => {
    addScript(draft, "giver");
    addScript(draft, "taker");
    draft.namespaces.push({ id: "rooms", script: "giver", className: "Room", useSqlite: true });
  });
  const started: string[] = [];
  const runtime = recordingRuntime(started);
  const cloud = {
    store,
    runtime,
    tails: createTails(runtime),
    deployments: createMutex(),
    onWarning: () => undefined,
  };
  await applyDeployment(cloud, deployed, (draft) => {
    for (const namespace of draft.namespaces) namespace.script = "taker";
  });
  expect(started).toEqual(["giver", "taker"]);
});
