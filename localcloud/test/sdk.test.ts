import Cloudflare7 from "cloudflare";
import Cloudflare6 from "cloudflare-6";
import { expect, test } from "vitest";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { MODULE, jsonFile, moduleFile } from "./support/sdk.ts";
import { counter, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const account_id = cloud.accountId;
const options = { baseURL: cloud.apiUrl, apiToken: "x".repeat(40) };

const ROOM = {
  bindings: [
    { type: "durable_object_namespace" as const, name: "COUNTER", class_name: "Room" },
    { type: "plain_text" as const, name: "GREETING", text: "hello" },
  ],
  compatibility_date: "2026-09-01",
};
const FIRST = { migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] } };

test("SDK 6: a script's life, from its upload to its end", async () => {
  const client = new Cloudflare6(options);
  const { scripts } = client.workers;
  const app = uniqueName();
  const host = `${app}.local.workers.dev`;
  const uploaded = await scripts.update(app, {
    account_id,
    metadata: { main_module: "worker.js", ...ROOM, ...FIRST },
    files: [moduleFile(counter("Room"))],
  });
  expect(uploaded).toMatchObject({ id: app, handlers: ["fetch"], migration_tag: "v1" });
  await scripts.subdomain.create(app, { account_id, enabled: true });
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");

  const version = await scripts.versions.create(app, {
    account_id,
    metadata: {
      main_module: "worker.js",
      ...ROOM,
      annotations: { "workers/message": "second" },
    },
    files: [moduleFile(counter("Room").replace('"Room "', '"Second "'))],
  });
  const listed: (string | undefined)[] = [];
  for await (const { id } of scripts.versions.list(app, { account_id })) listed.push(id);
  expect(listed).toEqual([version.id, expect.any(String)]);
  const deployable: (string | undefined)[] = [];
  for await (const { id } of scripts.versions.list(app, { account_id, deployable: true })) {
    deployable.push(id);
  }
  expect(deployable).toEqual(listed);
  expect(await scripts.versions.get(app, version.id ?? "", { account_id })).toMatchObject({
    id: version.id,
    number: 2,
    resources: { bindings: [{ name: "COUNTER" }, { name: "GREETING", text: "hello" }] },
  });
  const deployment = await scripts.deployments.create(app, {
    account_id,
    strategy: "percentage",
    versions: [{ percentage: 100, version_id: version.id ?? "" }],
    annotations: { "workers/message": "go" },
  });
  expect(await scripts.deployments.get(app, deployment.id, { account_id })).toEqual(deployment);
  const { deployments } = await scripts.deployments.list(app, { account_id });
  expect(deployments.map(({ id }) => id)[0]).toBe(deployment.id);
  expect((await cloud.visit(host, "/page")).text).toBe("Second 2");

  await scripts.secrets.update(app, { account_id, name: "KEY", text: "hush", type: "secret_text" });
  const secrets: string[] = [];
  for await (const { name } of scripts.secrets.list(app, { account_id })) secrets.push(name);
  expect(secrets).toEqual(["KEY"]);
  const settings = await scripts.scriptAndVersionSettings.get(app, { account_id });
  expect(settings.bindings?.map(({ name }) => name)).toEqual(["COUNTER", "GREETING", "KEY"]);
  expect((await cloud.visit(host, "/page")).text).toBe("Second 3");

  const back = scripts.deployments.create(app, {
    account_id,
    strategy: "percentage",
    versions: [{ percentage: 100, version_id: listed[1] ?? "" }],
  });
  await expect(back).rejects.toMatchObject({ status: 400, errors: [{ code: 10220 }] });
  await scripts.delete(app, { account_id });
  const gone = scripts.versions.get(app, version.id ?? "", { account_id });
  await expect(gone).rejects.toMatchObject({ status: 404, errors: [{ code: 10007 }] });
});

test("SDK 7: uploads that its own form cannot carry are refused as Cloudflare refuses them", async () => {
  const client = new Cloudflare7(options);
  const upload = client.workers.scripts.update(uniqueName(), {
    account_id,
    metadata: { main_module: "worker.js" },
    files: [moduleFile(hello("x"))],
  });
  await expect(upload).rejects.toMatchObject({ status: 400, errors: [{ code: 10021 }] });
});

test("SDK 7: a script's life, metadata as a file", async () => {
  const client = new Cloudflare7(options);
  const { scripts } = client.workers;
  const app = uniqueName();
  const host = `${app}.local.workers.dev`;
  await scripts.update(
    app,
    {
      account_id,
      // @ts-expect-error The types ask for an object, which becomes form fields that no server reads.
      metadata: jsonFile({ main_module: "worker.js", ...ROOM, ...FIRST }),
      files: [moduleFile(counter("Room"))],
    },
    { headers: { "Content-Type": null } },
  );
  await scripts.subdomain.create(app, { account_id, enabled: true });
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");
  const version = await scripts.versions.create(app, {
    account_id,
    // @ts-expect-error As above.
    metadata: jsonFile({ main_module: "worker.js", ...ROOM }),
    files: [moduleFile(counter("Room").replace('"Room "', '"Second "'))],
  });
  const numbers: (number | undefined)[] = [];
  for await (const { number } of scripts.versions.list(app, { account_id })) numbers.push(number);
  expect(numbers).toEqual([2, 1]);
  const { id } = await scripts.deployments.create(app, {
    account_id,
    strategy: "percentage",
    versions: [{ percentage: 100, version_id: version.id ?? "" }],
  });
  const { result } = await scripts.deployments.list(app, { account_id });
  expect(result).toMatchObject({ deployments: [{ id }, { source: "api" }] });
  expect((await cloud.visit(host, "/page")).text).toBe("Second 2");
  const list = await cloud.api("GET", `/accounts/:account/workers/scripts/${app}/deployments`);
  const first = list.result.deployments[1]?.id ?? "";
  await scripts.deployments.delete(first, { account_id, script_name: app });
  const gone = scripts.deployments.get(first, { account_id, script_name: app });
  await expect(gone).rejects.toMatchObject({ status: 404, errors: [{ code: 10336 }] });
  await scripts.delete(app, { account_id });
});

/** What a version is made of. */
function helloModule(text: string): object {
  const content_base64 = Buffer.from(hello(text)).toString("base64");
  return {
    main_module: "worker.js",
    modules: [{ name: "worker.js", content_type: MODULE, content_base64 }],
  };
}

test("SDK 7: a Worker and its versions by the newer API", async () => {
  const { workers } = new Cloudflare7(options).workers.beta;
  const name = uniqueName();
  const worker = await workers.create({ account_id, name, subdomain: { enabled: true } });
  const one = await workers.versions.create(worker.id, {
    account_id,
    deploy: true,
    ...helloModule("one"),
  });
  expect((await cloud.visit(`${name}.local.workers.dev`)).text).toBe("one");
  const two = await workers.versions.create(name, { account_id, ...helloModule("two") });
  const ids: string[] = [];
  for await (const { id } of workers.versions.list(name, { account_id })) ids.push(id);
  expect(ids).toEqual([two.id, one.id]);
  expect(
    await workers.versions.get(two.id, { account_id, worker_id: name, include: "modules" }),
  ).toEqual(two);
  await workers.versions.delete(two.id, { account_id, worker_id: worker.id });
  const renamed = await workers.update(worker.id, { account_id, name: `${name}-2` });
  expect(renamed).toMatchObject({ id: worker.id, subdomain: { enabled: false } });
  const names: string[] = [];
  for await (const entry of workers.list({ account_id })) names.push(entry.name);
  expect(names).toContain(`${name}-2`);
  await workers.delete(worker.id, { account_id });
  await expect(workers.get(worker.id, { account_id })).rejects.toMatchObject({ status: 404 });
});
