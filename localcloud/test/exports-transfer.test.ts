import { expect, test } from "vitest";
import { parseExports } from "../src/deploy/exports-parser.ts";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";

const LIVE = { type: "durable-object", storage: "sqlite" };
const transferred = (to: string): object => ({
  type: "durable-object",
  state: "transferred",
  transferred_to: to,
});
const expected = (from: string, storage = "sqlite"): object => ({
  type: "durable-object",
  state: "expecting-transfer",
  storage,
  transfer_from: from,
});

const BOUND = { bindings: [counterBinding("Room")] };

/** Uploads a Worker of which `COUNTER` is bound to Room, and that has objects of it. */
async function startSource(): Promise<string> {
  const source = uniqueName();
  await cloud.upload(source, counter("Room"), { ...BOUND, exports: { Room: LIVE } });
  await cloud.api("POST", `${SCRIPTS}/${source}/subdomain`, { enabled: true });
  expect(await count(source)).toBe("Room 1");
  return source;
}

async function startTarget(source: string): Promise<string> {
  const target = uniqueName();
  const answer = await cloud.upload(target, counter("Room"), {
    exports: { Room: expected(source) },
  });
  expect(answer.result.exports_reconciliation).toMatchObject({
    created: [],
    transfer_pending: [{ class: "Room", from: source }],
  });
  await cloud.api("POST", `${SCRIPTS}/${target}/subdomain`, { enabled: true });
  return target;
}

async function count(script: string): Promise<string> {
  return (await cloud.visit(`${script}.local.workers.dev`, "/page")).text;
}

/** The scripts that have the class Room, of these. */
async function ownersOf(...scripts: string[]): Promise<string[]> {
  const path = "/accounts/:account/workers/durable_objects/namespaces?per_page=1000";
  const { result } = await cloud.api<{ script: string; class: string }[]>("GET", path);
  return result.filter(({ script }) => scripts.includes(script)).map(({ script }) => script);
}

function scenarioOf({ errors }: Awaited<ReturnType<typeof cloud.upload>>): unknown {
  const [error] = errors;
  return [error?.code, error?.meta?.details.map(({ scenario }) => scenario)];
}

test("a class goes to another Worker in four deploys, with its objects", async () => {
  const source = await startSource();
  const target = await startTarget(source);
  expect(await ownersOf(source, target)).toEqual([source]);
  expect(await count(source)).toBe("Room 2");

  const given = await cloud.upload(source, counter("Room"), {
    ...BOUND,
    exports: { Room: transferred(target) },
  });
  expect(given.result.exports_reconciliation).toMatchObject({
    transferred: [{ class: "Room", to: target, phase: "committed" }],
    info: [{ class: "Room", scenario: "tombstone_class_still_in_code" }],
  });
  expect(await ownersOf(source, target)).toEqual([target]);
  // Its own binding goes where its objects went.
  expect(await count(source)).toBe("Room 3");

  const received = await cloud.upload(target, counter("Room"), {
    ...BOUND,
    exports: { Room: expected(source) },
  });
  expect(received.result.exports_reconciliation).toMatchObject({
    transfer_pending: [],
    info: [{ class: "Room", scenario: "transfer_receive_already_applied" }],
  });
  expect(await count(target)).toBe("Room 4");
  const live = await cloud.upload(target, counter("Room"), { ...BOUND, exports: { Room: LIVE } });
  expect(live.result.exports_reconciliation).toMatchObject({ created: [], info: [] });

  const stale = await cloud.upload(source, hello("none"), {
    exports: { Room: transferred(target) },
  });
  expect(stale.result.exports_reconciliation).toMatchObject({
    transferred: [],
    removable_entries: ["Room"],
  });
  expect(await count(target)).toBe("Room 5");
});

test("a Worker that expects a class says so, and goes on expecting it when a secret changes", async () => {
  const source = await startSource();
  const target = await startTarget(source);
  const secret = { name: "KEY", text: "x", type: "secret_text" };
  expect((await cloud.api("PUT", `${SCRIPTS}/${target}/secrets`, secret)).errors).toEqual([]);
  const { result } = await cloud.api("GET", `${SCRIPTS}/${target}/versions`);
  const version = await cloud.api("GET", `${SCRIPTS}/${target}/versions/${result.items[0]?.id}`);
  expect(version.result.resources).toMatchObject({
    script_runtime: { exports: { Room: expected(source) } },
  });
  const given = await cloud.upload(source, hello("given"), {
    exports: { Room: transferred(target) },
  });
  expect(given.errors).toEqual([]);
  expect(await ownersOf(source, target)).toEqual([target]);
});

test("a transfer that is not expected any more is refused, and the class stays where it is", async () => {
  const source = await startSource();
  const target = await startTarget(source);
  await cloud.upload(target, hello("changed its mind"), { exports: {} });
  const late = await cloud.upload(source, hello("x"), { exports: { Room: transferred(target) } });
  expect(scenarioOf(late)).toEqual([100402, ["transferred_pending_not_found"]]);
  expect(await ownersOf(source, target)).toEqual([source]);
  expect(await count(source)).toBe("Room 2");
});

test("a version does not begin a transfer", async () => {
  const source = await startSource();
  const target = uniqueName();
  await cloud.upload(target, counter("Room"), { exports: {} });
  const version = await cloud.uploadVersion(target, counter("Room"), {
    exports: { Room: expected(source) },
  });
  expect(version.errors[0]?.code).toBe(10211);
});

test("a class is given to the Worker that expects it, and to one that is there", async () => {
  const source = await startSource();
  const target = await startTarget(source);
  const other = uniqueName();
  await cloud.upload(other, hello("other"));
  const give = async (to: string): Promise<unknown> =>
    scenarioOf(await cloud.upload(source, hello("x"), { exports: { Room: transferred(to) } }));
  expect(await give(other)).toEqual([100402, ["transferred_target_mismatch"]]);
  expect(await give("nobody")).toEqual([100402, ["transferred_target_missing"]]);
  expect(await give(source)).toEqual([100402, ["invalid_export"]]);
  expect(await ownersOf(source, target)).toEqual([source]);
});

const refused = (scenario: string): unknown => [100402, [scenario]];

test("a class is expected only where that can be", async () => {
  const [source, empty] = [await startSource(), uniqueName()];
  await cloud.upload(empty, hello("empty"));
  const target = await startTarget(source);
  const declare = async (script: string, code: string, entry: object): Promise<unknown> =>
    scenarioOf(await cloud.upload(script, code, { exports: { Room: entry } }));
  const another = uniqueName();
  const room = counter("Room");
  expect(await declare(another, room, expected("nobody"))).toEqual(
    refused("phase_one_transfer_source_missing"),
  );
  expect(await declare(another, room, expected(empty))).toEqual(
    refused("phase_one_transfer_source_namespace_missing"),
  );
  expect(await declare(another, hello("x"), expected(source))).toEqual(
    refused("config_references_nonexistent_class"),
  );
  expect(await declare(another, room, expected(source, "legacy-kv"))).toEqual(
    refused("storage_type_mismatch"),
  );
  expect(await declare(another, room, expected(another))).toEqual(refused("invalid_export"));
  expect(await declare(another, room, expected(source))).toEqual(
    refused("phase_one_transfer_duplicate"),
  );
  const second = await startSource();
  expect(await declare(target, room, expected(second))).toEqual(
    refused("phase_one_transfer_duplicate"),
  );
  expect(await declare(second, room, expected(source))).toEqual(
    refused("phase_one_transfer_target_class_provisioned"),
  );
  await cloud.upload(source, hello("given"), { exports: { Room: transferred(target) } });
  expect(await declare(target, room, expected(second))).toEqual(
    refused("phase_one_transfer_after_commit_mismatch"),
  );
});

test("a transfer that begins goes on when a Worker gets another name", async () => {
  const source = await startSource();
  const target = await startTarget(source);
  const renamed = uniqueName();
  const path = `/accounts/:account/workers/workers/${source}`;
  expect((await cloud.api("PATCH", path, { name: renamed })).errors).toEqual([]);
  const given = await cloud.upload(renamed, hello("x"), { exports: { Room: transferred(target) } });
  expect(given.errors).toEqual([]);
  const received = await cloud.upload(target, counter("Room"), {
    exports: { Room: expected(renamed) },
  });
  expect(received.errors).toEqual([]);
});

test.each([
  [
    { ...transferred("a"), storage: "sqlite" },
    "'storage' is not allowed where the state is 'transferred'.",
  ],
  [transferred(""), "'transferred_to' must name a Worker."],
  [expected(""), "'transfer_from' must name a Worker."],
  [{ ...expected("a"), storage: "disk" }, "'storage' must be 'sqlite' or 'legacy-kv'."],
  [{ ...LIVE, transfer_from: "a" }, "'transfer_from' is not allowed where the state is 'created'."],
])("the entry %j is refused", (entry, reason) => {
  expect(() => parseExports({ Room: entry })).toThrow(
    `Durable Object exports reconciliation failed: class 'Room': ${reason}`,
  );
});
