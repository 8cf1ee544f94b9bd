import { expect, test } from "vitest";
import { parseExports } from "../src/deploy/exports-parser.ts";
import { type Result, startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";

const LIVE = { type: "durable-object", storage: "sqlite" };
const DELETED = { type: "durable-object", state: "deleted" };
const renamed = (to: string): object => ({
  type: "durable-object",
  state: "renamed",
  renamed_to: to,
});

const NOTHING = {
  created: [],
  updated: [],
  deleted: [],
  renamed: [],
  transferred: [],
  transfer_pending: [],
  warnings: [],
  info: [],
  removable_entries: [],
};

/** Uploads a Worker whose binding COUNTER is to `className`; none when that is empty. */
function upload(
  app: string,
  code: string,
  className: string,
  exports: object | undefined,
): ReturnType<typeof cloud.upload> {
  const bindings = className === "" ? [] : [counterBinding(className)];
  return cloud.upload(app, code, { bindings, exports });
}

async function exposed(app: string): Promise<string> {
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  return `${app}.local.workers.dev`;
}

async function classesOf(app: string): Promise<string[]> {
  const path = "/accounts/:account/workers/durable_objects/namespaces?per_page=1000";
  const { result } = await cloud.api<{ script: string; class: string }[]>("GET", path);
  return result.filter(({ script }) => script === app).map((namespace) => namespace.class);
}

/** The scenarios of a refusal, by class. */
function problemsOf({ errors }: Awaited<ReturnType<typeof cloud.upload>>): unknown {
  const [error] = errors;
  const details = error?.meta?.details ?? [];
  return [error?.code, details.map(({ class: name, scenario }) => [name, scenario])];
}

test("declared classes are made, kept, renamed and deleted, and say so", async () => {
  const app = uniqueName();
  const first = await upload(app, counter("Room"), "Room", { Room: LIVE });
  expect(first.result.exports_reconciliation).toEqual({ ...NOTHING, created: ["Room"] });
  const host = await exposed(app);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");

  const again = await upload(app, counter("Room"), "Room", { Room: LIVE });
  expect(again.result.exports_reconciliation).toEqual(NOTHING);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 2");

  const renaming = { Room: renamed("Hall"), Hall: LIVE };
  const third = await upload(app, counter("Hall", "Room"), "Hall", renaming);
  expect(third.result.exports_reconciliation).toEqual({
    ...NOTHING,
    renamed: [{ from: "Room", to: "Hall" }],
    info: [
      {
        class: "Room",
        scenario: "tombstone_class_still_in_code",
        message: expect.any(String),
        namespace_id: expect.stringMatching(/^[\da-f]{32}$/),
      },
    ],
  });
  expect((await cloud.visit(host, "/page")).text).toBe("Hall 3");
  const stale = await upload(app, counter("Hall"), "Hall", renaming);
  expect(stale.result.exports_reconciliation).toEqual({
    ...NOTHING,
    info: [{ class: "Room", scenario: "stale_tombstone", message: expect.any(String) }],
    removable_entries: ["Room"],
  });
  const version = (await cloud.api("GET", `${SCRIPTS}/${app}/versions`)).result.items[0]?.id;
  const view = await cloud.api("GET", `${SCRIPTS}/${app}/versions/${version}`);
  expect(view.result.resources).toMatchObject({
    script_runtime: {
      exports: { Hall: { type: "durable-object", state: "created", storage: "sqlite" } },
    },
  });

  const last = await upload(app, hello("none"), "", { Hall: DELETED });
  expect(last.result.exports_reconciliation).toEqual({ ...NOTHING, deleted: ["Hall"] });
  expect(await classesOf(app)).toEqual([]);
  expect((await cloud.visit(host)).text).toBe("none");
});

test.each([
  [
    "that the code does not export",
    counter("Other"),
    { Room: LIVE, Gone: LIVE },
    [
      ["Room", "config_export_not_in_code"],
      ["Gone", "config_references_nonexistent_class"],
    ],
  ],
  [
    "of which nothing is said",
    counter("Room"),
    {},
    [["Room", "provisioned_class_missing_from_config"]],
  ],
  [
    "of which neither the code nor the configuration says anything",
    hello("x"),
    undefined,
    [["Room", "orphaned_provisioned_namespace"]],
  ],
  [
    "that is new and of the older storage",
    counter("Room", "Hall"),
    { Room: LIVE, Hall: { ...LIVE, storage: "legacy-kv" } },
    [["Hall", "invalid_export"]],
  ],
  [
    "that is deleted and still in the code",
    counter("Room"),
    { Room: DELETED },
    [["Room", "tombstone_delete_class_still_in_code"]],
  ],
  [
    "that is renamed to what is not declared",
    counter("Room"),
    { Room: renamed("Hall") },
    [["Room", "config_references_nonexistent_class"]],
  ],
  [
    "of another storage",
    counter("Room"),
    { Room: { ...LIVE, storage: "legacy-kv" } },
    [["Room", "storage_type_mismatch"]],
  ],
])("a class %s is refused, and nothing changes", async (_, code, exports, problems) => {
  const app = uniqueName();
  await upload(app, counter("Room"), "Room", { Room: LIVE });
  const host = await exposed(app);
  const answer = await upload(app, code, "", exports);
  expect([answer.status, problemsOf(answer)]).toEqual([400, [100402, problems]]);
  expect(await classesOf(app)).toEqual(["Room"]);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");
});

test("a class is not renamed to one that has objects of its own", async () => {
  const app = uniqueName();
  await upload(app, counter("Room", "Hall"), "Room", { Room: LIVE, Hall: LIVE });
  const answer = await upload(app, counter("Hall"), "Hall", { Room: renamed("Hall"), Hall: LIVE });
  expect(problemsOf(answer)).toEqual([100402, [["Room", "tombstone_renamed_to_occupied"]]]);
});

test("a class that another Worker is bound to is not deleted, and it is named", async () => {
  const [app, user] = [uniqueName(), uniqueName()];
  await upload(app, counter("Room"), "Room", { Room: LIVE });
  await cloud.upload(user, counter("Unused"), {
    bindings: [{ ...counterBinding("Room"), script_name: app }],
  });
  const answer = await upload(app, hello("none"), "", { Room: DELETED });
  expect(answer.errors[0]?.meta?.details).toEqual([
    {
      class: "Room",
      scenario: "tombstone_delete_blocked_by_external_bindings",
      message: "Other Workers are bound to the class that 'exports' deletes.",
      suggestion: "Deploy them without those bindings first.",
      referencing_scripts: [user],
    },
  ]);
  expect(await classesOf(app)).toEqual(["Room"]);
});

test("a version brings no class that is new, and goes where the classes are as they were", async () => {
  const app = uniqueName();
  await upload(app, counter("Room"), "Room", { Room: LIVE });
  const [one] = (await cloud.api("GET", `${SCRIPTS}/${app}/versions`)).result.items;
  const both = { Room: LIVE, Hall: LIVE };
  const code = counter("Room", "Hall");
  const bound = await cloud.uploadVersion(app, code, {
    bindings: [counterBinding("Hall")],
    exports: both,
  });
  expect(bound.errors).toEqual([
    {
      code: 100406,
      message:
        "Binding 'COUNTER' depends on the class 'Hall', which 'exports' declares and which no deployment has provisioned yet.",
    },
  ]);
  expect((await cloud.uploadVersion(app, code, { exports: both })).errors[0]?.code).toBe(10211);
  const same = await cloud.uploadVersion(app, counter("Room"), { exports: { Room: LIVE } });
  expect(same.status).toBe(200);
  const deploy = async (...versions: [Result | undefined, number][]): Promise<unknown> => {
    const { errors } = await cloud.api("POST", `${SCRIPTS}/${app}/deployments`, {
      strategy: "percentage",
      versions: versions.map(([version, percentage]) => ({ version_id: version?.id, percentage })),
    });
    return errors[0]?.code ?? "deployed";
  };
  expect(await deploy([same.result, 50], [one, 50])).toBe("deployed");
  const plain = await cloud.uploadVersion(app, counter("Room"));
  expect(await deploy([same.result, 50], [plain.result, 50])).toBe(100405);

  await upload(app, code, "Room", both);
  expect(await deploy([one, 100])).toBe(10079);
});

test("exports and migrations exclude each other, in an upload and one after the other", async () => {
  const app = uniqueName();
  const migrations = { new_tag: "v1", new_sqlite_classes: ["Room"] };
  const both = await cloud.upload(app, counter("Room"), { exports: { Room: LIVE }, migrations });
  expect(both.errors[0]?.message).toBe(
    "'exports' and 'migrations' are mutually exclusive. Send one of them.",
  );
  await cloud.upload(app, counter("Room"), { migrations });
  const moved = await upload(app, counter("Room"), "Room", { Room: LIVE });
  expect(moved.result.exports_reconciliation).toEqual(NOTHING);
  const back = await cloud.upload(app, counter("Room", "Hall"), {
    migrations: { old_tag: "v1", new_tag: "v2", new_sqlite_classes: ["Hall"] },
  });
  expect(back.errors[0]?.message).toContain("cannot return to 'migrations'");
});

test.each([
  [{ Room: 1 }, "class 'Room': The entry must be an object."],
  [
    { Room: { type: "durable-object" } },
    "class 'Room': 'storage' must be 'sqlite' or 'legacy-kv'.",
  ],
  [
    { Room: { ...LIVE, renamed_to: "Hall" } },
    "class 'Room': 'renamed_to' is not allowed where the state is 'created'.",
  ],
  [
    { Room: { ...DELETED, storage: "sqlite" } },
    "class 'Room': 'storage' is not allowed where the state is 'deleted'.",
  ],
  [{ Room: renamed("Room") }, "class 'Room': 'renamed_to' must name another class."],
  [{ Room: { ...DELETED, state: "gone" } }, "class 'Room': There is no state \"gone\"."],
])("the entry %j is refused by its class", (value, reason) => {
  expect(() => parseExports(value)).toThrow(
    `Durable Object exports reconciliation failed: ${reason}`,
  );
});

test("exports of other kinds change nothing", () => {
  expect(parseExports({ Api: { type: "worker" } })).toEqual(new Map());
});

test("a secret that changes leaves declared classes as they are", async () => {
  const app = uniqueName();
  await upload(app, counter("Room"), "Room", { Room: LIVE });
  const secret = { name: "KEY", text: "x", type: "secret_text" };
  expect((await cloud.api("PUT", `${SCRIPTS}/${app}/secrets`, secret)).errors).toEqual([]);
  const back = await cloud.upload(app, counter("Room"), {
    migrations: { new_tag: "v1", new_sqlite_classes: ["Hall"] },
  });
  expect(back.errors[0]?.message).toContain("cannot return to 'migrations'");
});
