import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  type Result,
  type TestCloud,
  startSharedCloud,
  startTestCloud,
  uniqueName,
} from "./support/cloud.ts";
import { makeFolder } from "./support/folder.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";
const UUID = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/;

async function expose(script: string): Promise<string> {
  await cloud.api("POST", `${SCRIPTS}/${script}/subdomain`, { enabled: true });
  return `${script}.local.workers.dev`;
}

async function newestVersion(script: string): Promise<string> {
  const { result } = await cloud.api("GET", `${SCRIPTS}/${script}/versions`);
  return result.items[0]?.id ?? "";
}

async function deployments(script: string, query = ""): Promise<Result[]> {
  return (await cloud.api("GET", `${SCRIPTS}/${script}/deployments${query}`)).result.deployments;
}

function deploy(
  script: string,
  versions: unknown,
  { query = "", ...more }: { query?: string; annotations?: object; strategy?: string } = {},
): ReturnType<TestCloud["upload"]> {
  const body = { strategy: "percentage", versions, ...more };
  return cloud.api("POST", `${SCRIPTS}/${script}/deployments${query}`, body);
}

const all = (version_id: string): object[] => [{ version_id, percentage: 100 }];

const secrets = (key: string): object[] => [
  { type: "secret_text", name: "KEY", text: key },
  { type: "secret_text", name: "SAME", text: "same" },
];

/** Uploads these texts one after the other and gives the ids of the versions. */
async function uploadAll(script: string, ...texts: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) {
    await cloud.upload(script, hello(text));
    ids.push(await newestVersion(script));
  }
  return ids;
}

test("an upload is a deployment, and the newest deployment is listed first", async () => {
  const app = uniqueName();
  const [one = "", two = ""] = await uploadAll(app, "one", "two");
  const list = await deployments(app);
  expect(list.map(({ versions }) => versions)).toEqual([all(two), all(one)]);
  const [newest] = list;
  expect(newest).toEqual({
    id: expect.stringMatching(UUID),
    created_on: expect.any(String),
    source: "terraform",
    strategy: "percentage",
    author_email: "local@localhost",
    annotations: { "workers/triggered_by": "upload" },
    versions: all(two),
  });
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/deployments/${newest?.id}`)).result).toEqual(
    newest,
  );
  expect(await deployments(app, "?page=2")).toEqual([]);
  expect(await deployments(app, "?until=2020-01-01T00:00:00Z")).toEqual([]);
  expect(await deployments(app, "?since=2020-01-01T00:00:00Z")).toHaveLength(2);
});

test("an older version comes back by a deployment, code and bindings, and its objects keep their storage", async () => {
  const app = uniqueName();
  const bindings = [counterBinding("Room"), { type: "plain_text", name: "GREETING", text: "one" }];
  const code = counter("Room").replace(
    "fetch(request, env) {",
    "fetch(request, env) { if (new URL(request.url).pathname === '/env') return new Response(env.GREETING);",
  );
  await cloud.upload(app, code, {
    bindings,
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
  });
  const one = await newestVersion(app);
  const host = await expose(app);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");
  await cloud.upload(app, code.replace('"Room "', '"Second room "'), {
    bindings: [counterBinding("Room"), { type: "plain_text", name: "GREETING", text: "two" }],
  });
  expect((await cloud.visit(host, "/page")).text).toBe("Second room 2");
  expect((await cloud.visit(host, "/env")).text).toBe("two");

  const { status, result } = await deploy(app, all(one), {
    annotations: { "workers/message": "back" },
  });
  expect([status, result.annotations]).toEqual([
    200,
    { "workers/triggered_by": "deployment", "workers/message": "back" },
  ]);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 3");
  expect((await cloud.visit(host, "/env")).text).toBe("one");
  const settings = await cloud.api("GET", `${SCRIPTS}/${app}/settings`);
  expect(settings.result.bindings).toContainEqual(bindings[1]);
  expect((await deployments(app))[0]?.id).toBe(result.id);
});

test("no version is put back across a Durable Object migration", async () => {
  const app = uniqueName();
  const [one = ""] = await uploadAll(app, "one");
  const host = await expose(app);
  await cloud.upload(app, counter("Room"), {
    bindings: [counterBinding("Room")],
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
  });
  const { status, errors } = await deploy(app, all(one));
  expect([status, errors[0]]).toEqual([
    400,
    {
      code: 10079,
      message: `Cannot deploy version '${one}': it was uploaded at the Durable Object migration tag '', and the Worker is at 'v1'. A Durable Object migration has occurred between the version in the active deployment and the version selected.`,
      documentation_url:
        "https://developers.cloudflare.com/workers/configuration/versions-and-deployments/rollbacks/#bindings",
    },
  ]);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");
  expect(await deployments(app)).toHaveLength(2);
});

test("an older version with other secrets needs force; a newer one does not", async () => {
  const app = uniqueName();
  await cloud.upload(app, hello("one"), { bindings: secrets("a") });
  const one = await newestVersion(app);
  const host = await expose(app);
  const { result } = await cloud.uploadVersion(app, hello("two"), {
    bindings: [...secrets("b"), { type: "secret_text", name: "NEW", text: "x" }],
  });
  expect((await deploy(app, all(result.id))).status).toBe(200);
  const refused = await deploy(app, all(one));
  expect([refused.status, refused.errors]).toEqual([
    400,
    [
      {
        code: 10220,
        message:
          "A secret has changed since this version was active. If you are sure this is ok, add a ?force=true query parameter to allow the rollback. The following secrets have changed: KEY, NEW",
      },
    ],
  ]);
  expect((await cloud.visit(host)).text).toBe("two");
  expect((await deploy(app, all(one), { query: "?force=true" })).status).toBe(200);
  expect((await cloud.visit(host)).text).toBe("one");
});

test("a version whose service is gone is not deployed", async () => {
  const [app, service] = [uniqueName(), uniqueName()];
  await cloud.upload(service, hello("service"));
  await cloud.upload(app, hello("one"), {
    bindings: [{ type: "service", name: "OTHER", service }],
  });
  const one = await newestVersion(app);
  await uploadAll(app, "two");
  await cloud.api("DELETE", `${SCRIPTS}/${service}`);
  expect((await deploy(app, all(one))).errors[0]?.code).toBe(10143);
});

const SOME = "00000000-0000-4000-8000-000000000000";

test.each([
  [
    "another strategy",
    { strategy: "canary" },
    all(SOME),
    10021,
    "strategy: \"canary\"; use 'percentage'.",
  ],
  ["no versions", {}, [], 10021, "versions must be a list of at least one version."],
  [
    "a share that is no number",
    {},
    [{ version_id: SOME, percentage: "100" }],
    10021,
    "versions[0].percentage must be a number from 0 to 100.",
  ],
  [
    "a share below 0",
    {},
    [{ version_id: SOME, percentage: -1 }],
    10021,
    "versions[0].percentage must be a number from 0 to 100.",
  ],
  [
    "a version without an id",
    {},
    [{ percentage: 100 }],
    10021,
    "versions[0].version_id must be a string.",
  ],
  [
    "shares that make 90",
    {},
    [{ version_id: SOME, percentage: 90 }],
    10021,
    "The percentages make 90; they must make 100.",
  ],
  [
    "a version twice",
    {},
    [
      { version_id: SOME, percentage: 50 },
      { version_id: SOME, percentage: 50 },
    ],
    10021,
    `versions names '${SOME}' more than once.`,
  ],
  ["an unknown version", {}, all(SOME), 100146, `There is no version '${SOME}' of this Worker.`],
])("a deployment with %s is refused", async (_, more, versions, code, message) => {
  await cloud.upload("refusing", hello("refusing"));
  const before = await deployments("refusing");
  const { errors } = await deploy("refusing", versions, more);
  expect(errors).toEqual([{ code, message }]);
  expect(await deployments("refusing")).toEqual(before);
});

test("a deployment that serves no more can be deleted, and the one that serves cannot", async () => {
  const app = uniqueName();
  await uploadAll(app, "one", "two");
  const [serving, old] = await deployments(app);
  const path = (id: string | undefined): string => `${SCRIPTS}/${app}/deployments/${id}`;
  expect((await cloud.api("DELETE", path(serving?.id))).errors).toEqual([
    {
      code: 10021,
      message: `Deployment '${serving?.id}' is the latest one, which serves, and cannot be deleted.`,
    },
  ]);
  expect((await cloud.api("DELETE", path(old?.id))).status).toBe(200);
  expect(await deployments(app)).toEqual([serving]);
  expect((await cloud.api("GET", path(old?.id))).errors[0]?.code).toBe(10336);
  expect((await cloud.api("DELETE", path(old?.id))).errors[0]?.code).toBe(10336);
});

/** A Worker with an object, both of which say which upload they are of. */
function labelled(label: string): string {
  return counter("Room")
    .replace('"Room "', `"object of ${label}: "`)
    .replace(
      "fetch(request, env) {",
      `fetch(request, env) { if (new URL(request.url).pathname === "/") return new Response("${label}");`,
    );
}

async function textsFor(host: string, keys: readonly string[], path = "/"): Promise<string[]> {
  const answers = keys.map((key) => {
    const headers = { "Cloudflare-Workers-Version-Key": key };
    return cloud.visit(host, path, headers);
  });
  return (await Promise.all(answers)).map(({ text }) => text);
}

test("versions share the requests as the deployment says, and the objects are all of the greater one", async () => {
  const app = "gradual";
  const bindings = [counterBinding("Room")];
  await cloud.upload(app, labelled("one"), {
    bindings,
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
  });
  const one = await newestVersion(app);
  const host = await expose(app);
  const two = (await cloud.uploadVersion(app, labelled("two"), { bindings })).result.id;
  const split = (first: number): object[] => [
    { version_id: two, percentage: first },
    { version_id: one, percentage: 100 - first },
  ];
  const keys = Array.from({ length: 20 }, (_, index) => `visitor ${index}`);
  const twos: number[] = [];
  for (const share of [0, 20, 80]) {
    expect((await deploy(app, split(share))).status).toBe(200);
    const texts = await textsFor(host, keys);
    expect(await textsFor(host, keys)).toEqual(texts);
    twos.push(texts.filter((text) => text === "two").length);
  }
  // Which keys they are is the hash's choice, which never changes for a script of this name.
  expect(twos).toEqual([0, 6, 12]);

  expect((await deploy(app, split(30))).status).toBe(200);
  const objects = await textsFor(host, keys, "/page");
  expect(new Set(objects)).toEqual(new Set(keys.map((_, index) => `object of one: ${index + 1}`)));
  expect((await deploy(app, split(60))).status).toBe(200);
  expect(await textsFor(host, ["any"], "/page")).toEqual(["object of two: 21"]);

  expect((await deploy(app, split(0))).status).toBe(200);
  const overrides = { "Cloudflare-Workers-Version-Overrides": `${app}="${two}"` };
  expect((await cloud.visit(host, "/", overrides)).text).toBe("two");
  expect((await cloud.visit(host, "/page", overrides)).text).toBe("object of one: 22");
  expect((await deploy(app, all(two))).status).toBe(200);
  expect(await textsFor(host, keys)).toEqual(keys.map(() => "two"));
});

test("what serves is the same after a restart: the versions, their shares and the storage", async () => {
  const dir = await makeFolder();
  const first = await startTestCloud({ dir });
  const bindings = [counterBinding("Room")];
  await first.upload("app", labelled("one"), {
    bindings,
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
  });
  await first.api("POST", `${SCRIPTS}/app/subdomain`, { enabled: true });
  const two = (await first.uploadVersion("app", labelled("two"), { bindings })).result.id;
  const one = (await first.api("GET", `${SCRIPTS}/app/versions`)).result.items[1]?.id;
  const versions = [
    { version_id: two, percentage: 25 },
    { version_id: one, percentage: 75 },
  ];
  const body = { strategy: "percentage", versions };
  const { result } = await first.api("POST", `${SCRIPTS}/app/deployments`, body);
  const host = "app.local.workers.dev";
  expect((await first.visit(host, "/page")).text).toBe("object of one: 1");
  await first.close();

  const second = await startTestCloud({ dir });
  const { deployments: list } = (await second.api("GET", `${SCRIPTS}/app/deployments`)).result;
  expect(list[0]).toEqual(result);
  for (const [label, id] of [
    ["one", one],
    ["two", two],
  ]) {
    const headers = { "Cloudflare-Workers-Version-Overrides": `app="${id}"` };
    expect((await second.visit(host, "/", headers)).text).toBe(label);
  }
  expect((await second.visit(host, "/page")).text).toBe("object of one: 2");
});

test("what is deployed no more is stopped: a version of a split, and a script that is deleted", async () => {
  const own = await startTestCloud();
  // One folder a running workerd; uploads are tried in one of them.
  const running = (): number => readdirSync(join(own.dir, "runtime", "instances")).length - 1;
  await own.upload("app", hello("one"));
  const two = (await own.uploadVersion("app", hello("two"))).result.id;
  const one = (await own.api("GET", `${SCRIPTS}/app/versions`)).result.items[1]?.id ?? "";
  const post = (versions: object[]): ReturnType<TestCloud["upload"]> =>
    own.api("POST", `${SCRIPTS}/app/deployments`, { strategy: "percentage", versions });
  const split = [
    { version_id: two, percentage: 50 },
    { version_id: one, percentage: 50 },
  ];
  expect(running()).toBe(1);
  await post(split);
  expect(running()).toBe(2);
  await post(all(two));
  expect(running()).toBe(1);
  await post(split);
  expect(running()).toBe(2);
  await own.api("DELETE", `${SCRIPTS}/app`);
  expect(running()).toBe(0);
});
