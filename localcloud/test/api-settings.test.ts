import { expect, test } from "vitest";
import { type Result, startSharedCloud, uniqueName } from "./support/cloud.ts";
import { FORM_TYPE, form } from "./support/form.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";

/** Of an upload with a binding of each kind that settings treat in their own way. */
const WITH_BINDINGS = {
  bindings: [
    counterBinding("Room"),
    { type: "plain_text", name: "GREETING", text: "hello" },
    { type: "secret_text", name: "KEY", text: "hush" },
  ],
  migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
};

async function newest(script: string): Promise<Result | undefined> {
  return (await cloud.api("GET", `${SCRIPTS}/${script}/versions`)).result.items[0];
}

test("a change of settings is a version of the same code, and serves at once", async () => {
  const app = uniqueName();
  await cloud.upload(app, counter("Room"), {
    ...WITH_BINDINGS,
    compatibility_date: "2026-08-01",
    annotations: { "workers/message": "first" },
    tags: ["kept"],
    logpush: true,
  });
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  const host = `${app}.local.workers.dev`;
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");
  const { result } = await cloud.api("PATCH", `${SCRIPTS}/${app}/settings`, {
    bindings: [
      { type: "inherit", name: "COUNTER" },
      { type: "inherit", name: "KEY" },
      { type: "plain_text", name: "GREETING", text: "bye" },
    ],
    compatibility_date: "2026-09-01",
  });
  expect(result).toMatchObject({
    annotations: { "workers/triggered_by": "upload" },
    bindings: [
      { name: "COUNTER", class_name: "Room" },
      { name: "GREETING", text: "bye" },
      { name: "KEY", type: "secret_text" },
    ],
    compatibility_date: "2026-09-01",
    logpush: true,
    tags: ["kept"],
  });
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result).toEqual(result);
  expect((await newest(app))?.number).toBe(2);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 2");
});

test("a binding of which settings say no more than name and type stays as it is, as wrangler 4.0 sends them", async () => {
  const app = uniqueName();
  await cloud.upload(app, counter("Room"), WITH_BINDINGS);
  const before = await cloud.api("GET", `${SCRIPTS}/${app}/settings`);
  const { result } = await cloud.api("PATCH", `${SCRIPTS}/${app}/settings`, {
    bindings: [
      { type: "durable_object_namespace", name: "COUNTER" },
      { type: "plain_text", name: "GREETING" },
      { type: "secret_text", name: "KEY" },
      { type: "secret_text", name: "NEW", text: "n" },
    ],
  });
  expect(result.bindings).toEqual([
    ...before.result.bindings,
    { type: "secret_text", name: "NEW" },
  ]);
});

test("settings may come as a form, as the SDK sends them, and what is not sent stays", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("one"), {
    bindings: [{ type: "plain_text", name: "A", text: "a" }],
    placement: { mode: "smart" },
  });
  const response = await fetch(
    `${cloud.apiUrl}${SCRIPTS.replace(":account", cloud.accountId)}/${app}/settings`,
    {
      method: "PATCH",
      headers: { authorization: "Bearer x", "content-type": FORM_TYPE },
      body: new Uint8Array(
        form([
          {
            disposition: 'name="settings"; filename="settings"',
            contentType: "application/json",
            contents: JSON.stringify({ limits: { cpu_ms: 10 }, tags: ["new"] }),
          },
        ]),
      ),
    },
  );
  expect(response.status).toBe(200);
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result).toMatchObject({
    bindings: [{ name: "A", text: "a" }],
    limits: { cpu_ms: 10 },
    placement: { mode: "smart" },
    tags: ["new"],
  });
});

test("what serves is changed, and not a newer version that is not deployed", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("serves"));
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  await cloud.uploadVersion(app, hello("waits"));
  await cloud.api("PATCH", `${SCRIPTS}/${app}/settings`, { limits: { cpu_ms: 10 } });
  expect((await cloud.visit(`${app}.local.workers.dev`)).text).toBe("serves");
  expect((await newest(app))?.number).toBe(3);
});

test.each([
  ["no object", [], 10021],
  [
    "a binding that there is none to inherit from",
    { bindings: [{ type: "inherit", name: "X" }] },
    10057,
  ],
  ["a date that is none", { compatibility_date: "soon" }, 10021],
  ["a placement that is none", { placement: { near: "home" } }, 10021],
])("settings with %s are refused, and nothing changes", async (_, settings, code) => {
  const app = uniqueName();
  await cloud.upload(app, hello("one"));
  const { errors } = await cloud.api("PATCH", `${SCRIPTS}/${app}/settings`, settings);
  expect(errors[0]?.code).toBe(code);
  expect((await newest(app))?.number).toBe(1);
});

test("an inherited binding may come from any version", async () => {
  const app = uniqueName();
  const text = "plain_text";
  await cloud.upload(app, hello("one"), { bindings: [{ type: text, name: "A", text: "first" }] });
  const first = await newest(app);
  await cloud.upload(app, hello("two"), { bindings: [{ type: text, name: "A", text: "second" }] });
  await cloud.upload(app, hello("three"), {
    bindings: [
      { type: "inherit", name: "OLD", old_name: "A", version_id: first?.id },
      { type: "inherit", name: "LATEST", old_name: "A", version_id: "latest" },
      { type: "inherit", name: "GONE", old_name: "A", version_id: "no such version" },
    ],
  });
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result.bindings).toEqual([
    { type: text, name: "LATEST", text: "second" },
    { type: text, name: "OLD", text: "first" },
  ]);
});
