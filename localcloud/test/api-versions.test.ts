import { expect, test } from "vitest";
import { type Result, type TestCloud, startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";
const UUID = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** A Worker that says its bindings. */
const ECHO = `export default { fetch(request, env) { return Response.json(env); } };`;

async function exposed(script: string, at: TestCloud = cloud): Promise<string> {
  await at.api("POST", `${SCRIPTS}/${script}/subdomain`, { enabled: true });
  return `${script}.local.workers.dev`;
}

async function versionsOf(script: string, query = ""): Promise<Result[]> {
  return (await cloud.api("GET", `${SCRIPTS}/${script}/versions${query}`)).result.items;
}

function textBinding(name: string, text: string): object {
  return { type: "plain_text", name, text };
}

function deploy(script: string, ...shares: [string, number][]): ReturnType<TestCloud["upload"]> {
  return cloud.api("POST", `${SCRIPTS}/${script}/deployments`, {
    strategy: "percentage",
    versions: shares.map(([version_id, percentage]) => ({ version_id, percentage })),
  });
}

test("every upload is a version with a number, an id, its author and what was uploaded", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("one"), { compatibility_date: "2026-09-01" });
  await cloud.upload(app, hello("two"), {
    bindings: [
      { type: "secret_text", name: "KEY", text: "hush" },
      { type: "plain_text", name: "A", text: "a" },
    ],
    compatibility_date: "2026-09-02",
    compatibility_flags: ["nodejs_compat"],
    limits: { cpu_ms: 50 },
    annotations: { "workers/message": "second", "workers/tag": "v2" },
  });
  const versions = await versionsOf(app);
  expect(versions.map(({ number }) => number)).toEqual([2, 1]);
  const newest = await cloud.api("GET", `${SCRIPTS}/${app}/versions/${versions[0]?.id}`);
  expect(newest.result).toEqual({
    id: expect.stringMatching(UUID),
    number: 2,
    metadata: {
      created_on: expect.stringMatching(TIME),
      modified_on: expect.stringMatching(TIME),
      source: "terraform",
      author_id: expect.stringMatching(/^[\da-f]{32}$/),
      author_email: "local@localhost",
      hasPreview: false,
      has_preview: false,
    },
    annotations: {
      "workers/triggered_by": "upload",
      "workers/message": "second",
      "workers/tag": "v2",
    },
    resources: {
      bindings: [
        { type: "plain_text", name: "A", text: "a" },
        { type: "secret_text", name: "KEY" },
      ],
      script: {
        etag: expect.stringMatching(/^[\da-f]{64}$/),
        handlers: ["fetch"],
        named_handlers: [],
        last_deployed_from: "terraform",
      },
      script_runtime: {
        compatibility_date: "2026-09-02",
        compatibility_flags: ["nodejs_compat"],
        usage_model: "standard",
        limits: { cpu_ms: 50 },
      },
    },
    startup_time_ms: expect.any(Number),
  });
});

test("a version that is uploaded does not serve until it is deployed", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("one"));
  const host = await exposed(app);
  const { result } = await cloud.uploadVersion(app, hello("two"));
  expect(result.annotations).toEqual({ "workers/triggered_by": "version_upload" });
  expect((await cloud.visit(host)).text).toBe("one");
  const script = (await cloud.api<Result[]>("GET", SCRIPTS)).result.find(({ id }) => id === app);
  const [second, first] = await versionsOf(app);
  expect(second?.id).toBe(result.id);
  const one = await cloud.api("GET", `${SCRIPTS}/${app}/versions/${first?.id}`);
  expect(one.result.resources).toMatchObject({ script: { etag: script?.etag } });

  const deployed = await deploy(app, [result.id, 100]);
  expect(deployed.status).toBe(200);
  expect((await cloud.visit(host)).text).toBe("two");
});

test("versions are listed by pages, and what comes after the last one is empty", async () => {
  const app = uniqueName();
  for (const text of ["one", "two", "three"]) await cloud.upload(app, hello(text));
  const numbers = async (query: string): Promise<number[]> =>
    (await versionsOf(app, query)).map(({ number }) => number);
  expect(await numbers("?per_page=2")).toEqual([3, 2]);
  expect(await numbers("?per_page=2&page=2")).toEqual([1]);
  expect(await numbers("?per_page=2&page=3")).toEqual([]);
  expect(await numbers("?deployable=true&per_page=2")).toEqual([3, 2, 1]);
  expect(await numbers("?deployable=true&page=2")).toEqual([]);
});

test("a version cannot bring a migration, and says where to read why", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("one"));
  const { status, errors } = await cloud.uploadVersion(app, counter("Room"), {
    bindings: [counterBinding("Room")],
    migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
  });
  expect([status, errors]).toEqual([
    400,
    [
      {
        code: 10211,
        message:
          "Version upload failed. You attempted to upload a version of a Worker that includes a Durable Object migration, but migrations must be fully applied via a non-versioned deployment. Refer to the documentation for more information.",
        documentation_url:
          "https://developers.cloudflare.com/workers/configuration/versions-and-deployments/gradual-deployments/#gradual-deployments-for-durable-objects",
      },
    ],
  ]);
  expect(await versionsOf(app)).toHaveLength(1);
});

test.each([
  ["without a script", "", hello("x"), {}, 404, 10007],
  ["of code that does not boot", hello("one"), "export default {", {}, 400, 10021],
  [
    "that binds a class without a namespace",
    hello("one"),
    counter("Room"),
    { bindings: [counterBinding("Room")] },
    400,
    10061,
  ],
  [
    "that inherits what is not there",
    hello("one"),
    hello("x"),
    { bindings: [{ type: "inherit", name: "GONE" }] },
    200,
    undefined,
  ],
])("a version %s answers with its code", async (_, before, code, metadata, status, error) => {
  const app = uniqueName();
  if (before !== "") await cloud.upload(app, before);
  const answer = await cloud.uploadVersion(app, code, metadata);
  expect([answer.status, answer.errors[0]?.code]).toEqual([status, error]);
});

test("a version inherits and keeps bindings of the version before it, deployed or not", async () => {
  const app = uniqueName();
  await cloud.upload(app, ECHO, { bindings: [textBinding("OLD", "deployed")] });
  await cloud.uploadVersion(app, ECHO, {
    bindings: [
      textBinding("A", "a"),
      textBinding("B", "b"),
      { type: "secret_text", name: "KEY", text: "hush" },
      { type: "json", name: "LIST", json: [1] },
    ],
  });
  const { result } = await cloud.uploadVersion(app, ECHO, {
    bindings: [{ type: "inherit", name: "RENAMED", old_name: "A" }],
    keep_bindings: ["secret_text", "json"],
  });
  expect(result.resources.bindings).toEqual([
    { type: "secret_text", name: "KEY" },
    { type: "json", name: "LIST", json: [1] },
    { type: "plain_text", name: "RENAMED", text: "a" },
  ]);
  await deploy(app, [result.id, 100]);
  expect(JSON.parse((await cloud.visit(await exposed(app))).text)).toEqual({
    KEY: "hush",
    LIST: [1],
    RENAMED: "a",
  });
});

test("the binding of version metadata says which version runs", async () => {
  const app = uniqueName();
  const bindings = [{ type: "version_metadata", name: "VERSION" }];
  await cloud.upload(app, ECHO, { bindings, annotations: { "workers/tag": "release-1" } });
  const [version] = await versionsOf(app);
  expect(JSON.parse((await cloud.visit(await exposed(app))).text)).toEqual({
    VERSION: {
      id: version?.id,
      tag: "release-1",
      timestamp: expect.stringMatching(TIME),
    },
  });
});

test("a message is cut to what Cloudflare keeps, and a tag that is too long is refused", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("one"));
  const long = await cloud.uploadVersion(app, hello("two"), {
    annotations: { "workers/message": "é".repeat(501) },
  });
  expect(long.result.annotations["workers/message"]).toBe("é".repeat(500));
  const tag = await cloud.uploadVersion(app, hello("two"), {
    annotations: { "workers/tag": "t".repeat(101) },
  });
  expect([tag.status, tag.errors]).toEqual([
    400,
    [
      expect.objectContaining({
        code: 10021,
        message: "annotations.workers/tag is longer than 100 bytes.",
      }),
    ],
  ]);
});
