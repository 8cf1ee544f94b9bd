import { expect, test } from "vitest";
import { type Result, startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const SCRIPTS = "/accounts/:account/workers/scripts";
const NAMESPACES = "/accounts/:account/workers/durable_objects/namespaces";
const BOUND = { bindings: [counterBinding("Room")], compatibility_date: "2026-09-01" };

const cloud = await startSharedCloud();

/** Uploads a Worker with the class Room and returns its name. */
async function deployed(): Promise<string> {
  const app = uniqueName();
  const migrations = { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] };
  await cloud.upload(app, counter("Room"), { ...BOUND, migrations });
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  return app;
}

async function count(script: string): Promise<string> {
  return (await cloud.visit(`${script}.local.workers.dev`, "/page")).text;
}

test("objects keep their storage over uploads", async () => {
  const app = await deployed();
  expect(await count(app)).toBe("Room 1");
  await cloud.upload(app, `${counter("Room")}\n// edited`, BOUND);
  expect(await count(app)).toBe("Room 2");
});

test("the same migration again is refused, and the old version serves", async () => {
  const app = await deployed();
  const migrations = { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] };
  const { status, errors, headers } = await cloud.upload(app, counter("Room"), {
    ...BOUND,
    migrations,
  });
  expect({ status, errors }).toEqual({
    status: 412,
    errors: [
      {
        code: 10079,
        message:
          "Actor migration tag precondition failed, got tag '' when expected tag is 'v1'. Please make sure the tags match and try again.",
      },
    ],
  });
  expect(headers.get("x-should-retry")).toBe("false");
  expect(await count(app)).toBe("Room 1");
});

test("a renamed class keeps the storage of its objects", async () => {
  const app = await deployed();
  await count(app);
  const migrations = {
    old_tag: "v1",
    new_tag: "v2",
    steps: [{ renamed_classes: [{ from: "Room", to: "Hall" }] }],
  };
  const bindings = [counterBinding("Hall")];
  const { result } = await cloud.upload(app, counter("Hall"), { ...BOUND, bindings, migrations });
  expect(result.migration_tag).toBe("v2");
  expect(await count(app)).toBe("Hall 2");
});

test("a class is deleted in two uploads, and its storage is gone when it is made again", async () => {
  const app = await deployed();
  await count(app);
  const steps = [{ deleted_classes: ["Room"] }];
  const early = await cloud.upload(app, hello("x"), {
    migrations: { old_tag: "v1", new_tag: "v2", steps },
  });
  expect(early.errors[0]?.code).toBe(10061);
  await cloud.upload(app, counter("Room"), { ...BOUND, bindings: [] });
  const late = await cloud.upload(app, hello("x"), {
    migrations: { old_tag: "v1", new_tag: "v2", steps },
  });
  expect(late.result.migration_tag).toBe("v2");
  const { result } = await cloud.api<Result[]>("GET", `${NAMESPACES}?per_page=1000`);
  expect(result.filter(({ script }) => script === app)).toEqual([]);
  const again = { old_tag: "v2", new_tag: "v3", steps: [{ new_sqlite_classes: ["Room"] }] };
  await cloud.upload(app, counter("Room"), { ...BOUND, migrations: again });
  expect(await count(app)).toBe("Room 1");
});

test("a transferred class brings its objects along", async () => {
  const app = await deployed();
  await count(app);
  const migrations = {
    new_tag: "t1",
    steps: [{ transferred_classes: [{ from: "Room", from_script: app, to: "Hall" }] }],
  };
  const next = uniqueName();
  const { status } = await cloud.upload(next, counter("Hall"), {
    ...BOUND,
    bindings: [counterBinding("Hall")],
    migrations,
  });
  expect(status).toBe(200);
  await cloud.api("POST", `${SCRIPTS}/${next}/subdomain`, { enabled: true });
  expect(await count(next)).toBe("Hall 2");
  // The script that had it is bound to the same objects, where they are now.
  expect(await count(app)).toBe("Hall 3");
});

test("a class that another script is bound to cannot be deleted", async () => {
  const app = await deployed();
  const user = uniqueName();
  const remote = { ...counterBinding("Room"), script_name: app };
  await cloud.upload(user, "export default { fetch() {} };", { bindings: [remote] });
  await cloud.upload(app, counter("Room"), { ...BOUND, bindings: [] });
  const migrations = { old_tag: "v1", new_tag: "v2", steps: [{ deleted_classes: ["Room"] }] };
  const { errors } = await cloud.upload(app, hello("x"), { migrations });
  expect(errors[0]?.code).toBe(10061);
});

test("another script's binding follows a class that is renamed", async () => {
  const app = await deployed();
  await count(app);
  const user = uniqueName();
  const code =
    "export default { fetch(r, env) { return env.COUNTER.getByName('/page').fetch(r); } };";
  await cloud.upload(user, code, {
    ...BOUND,
    bindings: [{ ...counterBinding("Room"), script_name: app }],
  });
  await cloud.api("POST", `${SCRIPTS}/${user}/subdomain`, { enabled: true });
  expect(await count(user)).toBe("Room 2");
  const migrations = {
    old_tag: "v1",
    new_tag: "v2",
    steps: [{ renamed_classes: [{ from: "Room", to: "Hall" }] }],
  };
  await cloud.upload(app, counter("Hall"), {
    ...BOUND,
    bindings: [counterBinding("Hall")],
    migrations,
  });
  expect(await count(user)).toBe("Hall 3");
});

test("a script that others need is deleted only by force, and takes its objects along", async () => {
  const app = await deployed();
  await count(app);
  const user = uniqueName();
  const code = "export default { fetch() { return new Response('user'); } };";
  await cloud.upload(user, code, { bindings: [{ ...counterBinding("Room"), script_name: app }] });
  await cloud.api("POST", `${SCRIPTS}/${user}/subdomain`, { enabled: true });
  const refused = await cloud.api("DELETE", `${SCRIPTS}/${app}`);
  expect(refused.errors).toEqual([
    {
      code: 10064,
      message: `Cannot delete Worker '${app}': it is referenced by ${user}. Delete with ?force=true to break those bindings.`,
    },
  ]);
  expect((await cloud.api("DELETE", `${SCRIPTS}/${app}?force=true`)).status).toBe(200);
  expect((await cloud.visit(`${user}.local.workers.dev`)).text).toBe("user");
  expect((await cloud.visit(`${app}.local.workers.dev`)).status).toBe(530);
  const migrations = { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] };
  await cloud.upload(app, counter("Room"), { ...BOUND, migrations });
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  expect(await count(app)).toBe("Room 1");
});

test("a script that is bound to itself is deleted without force", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("x"));
  await cloud.upload(app, hello("x"), {
    bindings: [{ type: "service", name: "SELF", service: app }],
  });
  expect((await cloud.api("DELETE", `${SCRIPTS}/${app}`)).status).toBe(200);
});
