import { expect, test } from "vitest";
import { type Result, startSharedCloud, startTestCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const WORKERS = "/accounts/:account/workers/workers";
const SCRIPTS = "/accounts/:account/workers/scripts";

function modules(code: string, name = "worker.js"): object {
  const content_base64 = Buffer.from(code).toString("base64");
  return {
    main_module: name,
    modules: [{ name, content_type: "application/javascript+module", content_base64 }],
  };
}

/** What the provider sends for a Worker with a version of its own and a deployment. */
const WORKER = {
  logpush: false,
  observability: { enabled: true, head_sampling_rate: 1 },
  subdomain: { enabled: true, previews_enabled: false },
  tags: ["team:web"],
  tail_consumers: [],
};

test("a Worker is made without code, gets a version, and serves when that is deployed", async () => {
  const name = uniqueName();
  const host = `${name}.local.workers.dev`;
  const worker = (await cloud.api("POST", WORKERS, { ...WORKER, name })).result;
  expect(worker).toEqual({
    ...WORKER,
    observability: {
      ...WORKER.observability,
      logs: {
        destinations: [],
        enabled: true,
        head_sampling_rate: 1,
        invocation_logs: true,
        persist: true,
      },
      traces: { destinations: [], enabled: false, head_sampling_rate: 1, persist: true },
    },
    id: expect.stringMatching(/^[\da-f]{32}$/),
    name,
    created_on: expect.any(String),
    updated_on: expect.any(String),
    deployed_on: null,
    references: {
      dispatch_namespace_outbounds: [],
      domains: [],
      durable_objects: [],
      queues: [],
      workers: [],
    },
    subdomain: {
      enabled: true,
      previews_enabled: false,
      url: `https://${host}`,
      preview_url_suffix: `-${host}`,
    },
  });
  expect((await cloud.api("GET", `${WORKERS}/${name}`)).result).toEqual(worker);
  expect((await cloud.api("GET", `${SCRIPTS}/${name}/settings`)).errors[0]?.code).toBe(10007);
  expect((await cloud.visit(host)).status).toBe(530);

  const version = await cloud.api("POST", `${WORKERS}/${worker.id}/versions`, {
    ...modules(hello("héllo")),
    bindings: [
      { type: "plain_text", name: "B", text: "b" },
      { type: "secret_text", name: "A", text: "hush" },
    ],
    compatibility_date: "2026-09-01",
    annotations: { "workers/message": "first" },
  });
  expect(version.result).toMatchObject({
    number: 1,
    source: "terraform",
    main_module: "worker.js",
    urls: [],
    bindings: [
      { type: "secret_text", name: "A" },
      { type: "plain_text", name: "B", text: "b" },
    ],
    annotations: { "workers/triggered_by": "version_upload", "workers/message": "first" },
    ...modules(hello("héllo")),
  });
  expect(JSON.stringify(version.result)).not.toContain("hush");
  expect((await cloud.visit(host)).status).toBe(530);

  const deployment = await cloud.api("POST", `${SCRIPTS}/${name}/deployments`, {
    strategy: "percentage",
    versions: [{ percentage: 100, version_id: version.result.id }],
  });
  expect((await cloud.visit(host)).text).toBe("héllo");
  expect((await cloud.api("GET", `${WORKERS}/${name}`)).result).toMatchObject({
    deployed_on: deployment.result.created_on,
  });
});

test("a version is found by the Worker's id and by its name, with its code when that is asked for", async () => {
  const name = uniqueName();
  const { id } = (await cloud.api("POST", WORKERS, { name })).result;
  const code = counter("Room");
  const { result } = await cloud.api("POST", `${WORKERS}/${name}/versions?deploy=true`, {
    ...modules(code, "src/worker.mjs"),
    bindings: [counterBinding("Room")],
    migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
  });
  expect(result.migration_tag).toBe("v1");
  const path = `${WORKERS}/${id}/versions/${result.id}`;
  expect((await cloud.api("GET", path)).result).not.toHaveProperty("modules");
  expect((await cloud.api("GET", `${path}?include=modules`)).result).toEqual(result);
  await cloud.api("PATCH", `${WORKERS}/${id}`, { subdomain: { enabled: true } });
  expect((await cloud.visit(`${name}.local.workers.dev`, "/page")).text).toBe("Room 1");
  const versions = async (page: number): Promise<string[]> =>
    (await cloud.api<Result[]>("GET", `${WORKERS}/${id}/versions?page=${page}`)).result.map(
      (version) => version.id,
    );
  expect([await versions(1), await versions(2)]).toEqual([[result.id], []]);
});

test("without deploy=true a version brings no migration", async () => {
  const name = uniqueName();
  await cloud.api("POST", WORKERS, { name });
  const { errors } = await cloud.api("POST", `${WORKERS}/${name}/versions`, {
    ...modules(counter("Room")),
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
  });
  expect(errors[0]?.code).toBe(10211);
});

test("a version that is deployed cannot be deleted, another one can", async () => {
  const name = uniqueName();
  await cloud.api("POST", WORKERS, { name });
  const upload = async (text: string, query = ""): Promise<string> =>
    (await cloud.api("POST", `${WORKERS}/${name}/versions${query}`, modules(hello(text)))).result
      .id;
  const one = await upload("one", "?deploy=true");
  const two = await upload("two");
  const remove = async (id: string): Promise<unknown> => {
    const { status, errors } = await cloud.api("DELETE", `${WORKERS}/${name}/versions/${id}`);
    return status === 200 ? null : errors[0];
  };
  expect(await remove(one)).toEqual({
    code: 10021,
    message: `Version '${one}' is deployed and cannot be deleted. Deploy another one first.`,
  });
  expect(await remove(two)).toBeNull();
  expect(await remove(two)).toMatchObject({ code: 10071 });
  const gone = await cloud.api("GET", `${WORKERS}/${name}/versions/${two}`);
  expect(gone.errors[0]?.code).toBe(10071);
  const { result } = await cloud.api("GET", `${SCRIPTS}/${name}/versions`);
  expect(result.items.map(({ id }) => id)).toEqual([one]);
});

test("a patch of the latest version makes a version that does not serve, of its code and bindings", async () => {
  const name = uniqueName();
  await cloud.upload(
    name,
    "export default { fetch(request, env) { return Response.json(env); } };",
    {
      bindings: [
        { type: "secret_text", name: "OLD", text: "o" },
        { type: "secret_text", name: "KEY", text: "1" },
        { type: "plain_text", name: "GREETING", text: "hello" },
      ],
      compatibility_date: "2026-09-01",
    },
  );
  await cloud.api("POST", `${SCRIPTS}/${name}/subdomain`, { enabled: true });
  const { result } = await cloud.api("PATCH", `${WORKERS}/${name}/versions/latest`, {
    env: { OLD: null, KEY: { type: "secret_text", text: "2" } },
    annotations: { "workers/message": "secrets" },
  });
  expect(result).toMatchObject({
    number: 2,
    bindings: [
      { type: "plain_text", name: "GREETING", text: "hello" },
      { type: "secret_text", name: "KEY" },
    ],
    compatibility_date: "2026-09-01",
    annotations: { "workers/message": "secrets" },
  });
  const served = async (): Promise<unknown> =>
    JSON.parse((await cloud.visit(`${name}.local.workers.dev`)).text);
  expect(await served()).toEqual({ OLD: "o", KEY: "1", GREETING: "hello" });
  await cloud.api("POST", `${SCRIPTS}/${name}/deployments`, {
    strategy: "percentage",
    versions: [{ percentage: 100, version_id: result.id }],
  });
  expect(await served()).toEqual({ KEY: "2", GREETING: "hello" });
});

test("a patch of the latest version of a Worker without versions is refused as at Cloudflare", async () => {
  const name = uniqueName();
  await cloud.api("POST", WORKERS, { name });
  const { status, errors } = await cloud.api("PATCH", `${WORKERS}/${name}/versions/latest`, {
    env: {},
  });
  expect([status, errors]).toEqual([
    404,
    [
      {
        code: 10222,
        message:
          "This Worker has no versions, which means this Worker has no content or versioned settings.",
      },
    ],
  ]);
});

test("PATCH changes what it names, PUT makes everything else what it is by default", async () => {
  const name = uniqueName();
  const { id } = (await cloud.api("POST", WORKERS, { ...WORKER, name, logpush: true })).result;
  const logger = uniqueName();
  await cloud.api("POST", WORKERS, { name: logger });
  const patched = await cloud.api("PATCH", `${WORKERS}/${id}`, {
    tags: ["a"],
    tail_consumers: [{ name: logger }],
  });
  expect(patched.result).toMatchObject({
    name,
    logpush: true,
    observability: WORKER.observability,
    subdomain: WORKER.subdomain,
    tags: ["a"],
    tail_consumers: [{ name: logger }],
  });
  expect((await cloud.api("PUT", `${WORKERS}/${id}`, { name })).result).toMatchObject({
    id,
    logpush: false,
    observability: { enabled: false },
    subdomain: { enabled: false, previews_enabled: false },
    tags: [],
    tail_consumers: [],
  });
  const nameless = await cloud.api("PUT", `${WORKERS}/${id}`, {});
  expect(nameless.errors).toEqual([{ code: 10001, message: "name: is required" }]);
});

test("a new name goes to whatever leads to the Worker, and its objects keep their storage", async () => {
  const [name, user, to] = [uniqueName(), uniqueName(), uniqueName()];
  await cloud.upload(name, counter("Room"), {
    bindings: [counterBinding("Room")],
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
  });
  await cloud.upload(
    user,
    `export default { fetch(request, env) { return env.APP.fetch(request); } };`,
    {
      bindings: [
        { type: "service", name: "APP", service: name },
        { type: "durable_object_namespace", name: "ROOM", class_name: "Room", script_name: name },
      ],
    },
  );
  await cloud.api("POST", `${SCRIPTS}/${user}/subdomain`, { enabled: true });
  const zone = `/zones/${cloud.zoneId("localhost")}/workers/routes`;
  const route = await cloud.api("POST", zone, { pattern: `${name}.localhost/*`, script: name });
  const hostname = `${name}-domain.localhost`;
  await cloud.api("PUT", "/accounts/:account/workers/domains", { hostname, service: name });
  expect((await cloud.visit(`${name}.localhost`, "/page")).text).toBe("Room 1");
  expect((await cloud.visit(`${user}.local.workers.dev`, "/page")).text).toBe("Room 2");

  const { result: before } = await cloud.api("GET", `${WORKERS}/${name}`);
  const { result } = await cloud.api("PATCH", `${WORKERS}/${before.id}`, { name: to });
  expect([result.id, result.name]).toEqual([before.id, to]);
  expect(result.references).toMatchObject({
    domains: [{ hostname }],
    workers: [{ name: user }],
    durable_objects: [{ worker_name: user, namespace_name: `${to}_Room` }],
  });
  expect((await cloud.visit(`${name}.localhost`, "/page")).text).toBe("Room 3");
  expect((await cloud.visit(`${user}.local.workers.dev`, "/page")).text).toBe("Room 4");
  expect((await cloud.visit(hostname, "/page")).text).toBe("Room 5");
  expect((await cloud.api("GET", `${zone}/${route.result.id}`)).result.script).toBe(to);
  expect((await cloud.api("GET", `${SCRIPTS}/${name}/settings`)).errors[0]?.code).toBe(10007);
  const settings = await cloud.api("GET", `${SCRIPTS}/${user}/settings`);
  expect(settings.result.bindings).toMatchObject([{ service: to }, { script_name: to }]);

  const refused = await cloud.api("DELETE", `${WORKERS}/${before.id}`);
  expect(refused.errors[0]?.code).toBe(10064);
  expect((await cloud.api("DELETE", `${WORKERS}/${before.id}?force=true`)).status).toBe(200);
  expect((await cloud.api("GET", `${WORKERS}/${before.id}`)).errors[0]?.code).toBe(10007);
});

test.each([
  ["POST", "a name that is taken", "taken", 10040],
  ["POST", "a name that Cloudflare does not take", "Not a name", 10016],
  ["PATCH", "a name that is taken", "taken", 10040],
])("%s with %s is refused", async (method, _, name, code) => {
  await cloud.upload("taken", hello("taken"));
  const own = uniqueName();
  await cloud.api("POST", WORKERS, { name: own });
  const path = method === "POST" ? WORKERS : `${WORKERS}/${own}`;
  expect((await cloud.api(method, path, { name })).errors[0]?.code).toBe(code);
});

test.each([
  ["no modules", { main_module: "worker.js" }, "modules must be a list."],
  [
    "a module without content",
    { main_module: "a.js", modules: [{ name: "a.js", content_type: "text/plain" }] },
    "modules[0].content_base64 must be a string.",
  ],
  [
    "assets",
    { ...modules(hello("x")), assets: { jwt: "x" } },
    "metadata.assets is not supported by the local cloud. Its README says what it has, and what it has not.",
  ],
])("a version with %s is refused", async (_, body, message) => {
  const name = uniqueName();
  await cloud.api("POST", WORKERS, { name });
  const { errors } = await cloud.api("POST", `${WORKERS}/${name}/versions`, body);
  expect(errors).toMatchObject([{ code: 10021, message }]);
});

test("a list of Workers has those without code too, and ends with an empty page", async () => {
  const own = await startTestCloud();
  await own.upload("app", hello("app"));
  await own.api("POST", WORKERS, { name: "empty" });
  const names = async (query: string): Promise<string[]> =>
    (await own.api<Result[]>("GET", `${WORKERS}${query}`)).result.map(({ name }) => name);
  expect([await names(""), await names("?page=2")]).toEqual([["app", "empty"], []]);
  const scripts = (await own.api<Result[]>("GET", SCRIPTS)).result;
  expect(scripts.map(({ id }) => id)).toEqual(["app"]);
});

test("a version of several megabytes arrives whole", async () => {
  const name = uniqueName();
  await cloud.api("POST", WORKERS, { name });
  const code = `${hello("large")}\n//${"x".repeat(4_000_000)}`;
  const { status, result } = await cloud.api(
    "POST",
    `${WORKERS}/${name}/versions?deploy=true`,
    modules(code),
  );
  expect([status, result]).toMatchObject([200, modules(code)]);
});
