import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { type Result, startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";
import { makeProject } from "./support/wrangler.ts";

const cloud = await startSharedCloud();

const WORKERS = "/accounts/:account/workers";
const SCRIPTS = `${WORKERS}/scripts`;

/** Each call of wrangler takes seconds, and many of them on a busy machine. */
const SESSION_MS = 300_000;

const ECHO = `export default { fetch() {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener("message", ({ data }) => server.send(data));
  return new Response(null, { status: 101, webSocket: client });
} };`;

/** Opens a WebSocket to a script that has nothing to do with the test; it fails when that one is closed. */
async function openBystander(): Promise<{ mustBeOpen(): Promise<void> }> {
  const name = uniqueName();
  await cloud.upload(name, ECHO);
  await cloud.api("POST", `${SCRIPTS}/${name}/subdomain`, { enabled: true });
  const { port } = new URL(cloud.edgeUrl);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
    headers: { host: `${name}.local.workers.dev` },
  });
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  return {
    async mustBeOpen() {
      const answer = once(socket, "message");
      socket.send("still there");
      expect(String((await answer)[0])).toBe("still there");
    },
  };
}

/** Requests since the journal had this many entries, without the account and the query. */
function requestsSince(length: number): string[] {
  return cloud.journal
    .slice(length)
    .map(({ method, path }) => `${method} ${path.replace(/^.*\/workers\//, "").split("?")[0]}`);
}

function changesSince(length: number): string[] {
  return requestsSince(length).filter((request) => !request.startsWith("GET "));
}

async function versionsOf(app: string): Promise<Result[]> {
  return (await cloud.api("GET", `${SCRIPTS}/${app}/versions`)).result.items;
}

async function deploymentsOf(app: string): Promise<Result[]> {
  return (await cloud.api("GET", `${SCRIPTS}/${app}/deployments`)).result.deployments;
}

async function classesOf(app: string): Promise<[string, string][]> {
  const { result } = await cloud.api<{ id: string; script: string; class: string }[]>(
    "GET",
    `${WORKERS}/durable_objects/namespaces?per_page=1000`,
  );
  return result.filter(({ script }) => script === app).map(({ id, class: name }) => [name, id]);
}

const binding = (className: string): object => ({
  durable_objects: { bindings: [{ name: "COUNTER", class_name: className }] },
});

const CREATE = { tag: "v1", new_sqlite_classes: ["Room"] };
const RENAME = { tag: "v2", renamed_classes: [{ from: "Room", to: "Hall" }] };
const DELETE = { tag: "v3", deleted_classes: ["Hall"] };

test(
  "wrangler deploy: the first time, again, with a class renamed, and with it deleted",
  async () => {
    const app = uniqueName();
    const host = `${app}.local.workers.dev`;
    const project = await makeProject(cloud, app);
    const bystander = await openBystander();

    project.configure({
      ...binding("Room"),
      migrations: [CREATE],
      workers_dev: true,
      vars: { GREETING: "hello" },
      observability: { enabled: true },
    });
    project.code(counter("Room"));
    let before = cloud.journal.length;
    const first = await project.wrangler("deploy", "--message", "first", "--tag", "t1");
    const [one] = await versionsOf(app);
    expect([first.code, first.results]).toMatchObject([
      0,
      [{ type: "deploy", version_id: one?.id, targets: [`https://${host}`] }],
    ]);
    expect(changesSince(before)[0]).toBe(`PUT scripts/${app}`);
    expect((await cloud.visit(host, "/page")).text).toBe("Room 1");
    expect(one).toMatchObject({
      number: 1,
      metadata: { source: "wrangler" },
      annotations: {
        "workers/triggered_by": "upload",
        "workers/message": "first",
        "workers/tag": "t1",
      },
    });
    const [[, namespace] = []] = await classesOf(app);
    expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).result).toMatchObject({
      bindings: [
        { type: "durable_object_namespace", name: "COUNTER", namespace_id: namespace },
        { type: "plain_text", name: "GREETING", text: "hello" },
      ],
      compatibility_date: "2026-09-01",
      observability: { enabled: true },
    });

    project.code(counter("Room").replace('"Room "', '"Room again "'));
    before = cloud.journal.length;
    const again = await project.wrangler("deploy");
    expect([again.code, again.results]).toMatchObject([0, [{ type: "deploy" }]]);
    expect(changesSince(before).slice(0, 3)).toEqual([
      `POST scripts/${app}/versions`,
      `POST scripts/${app}/deployments`,
      `PATCH scripts/${app}/script-settings`,
    ]);
    expect(again.said).not.toContain("last published");
    expect((await cloud.visit(host, "/page")).text).toBe("Room again 2");
    expect((await deploymentsOf(app)).map(({ versions }) => versions[0]?.version_id)).toEqual(
      (await versionsOf(app)).map(({ id }) => id),
    );

    project.configure({ ...binding("Hall"), migrations: [CREATE, RENAME], workers_dev: true });
    project.code(counter("Hall"));
    const early = await project.wrangler("versions", "upload");
    expect([early.code, early.said]).toEqual([
      1,
      expect.stringContaining("pending Durable Object migration"),
    ]);
    expect((await project.wrangler("deploy")).code).toBe(0);
    expect((await cloud.visit(host, "/page")).text).toBe("Hall 3");
    expect(await classesOf(app)).toEqual([["Hall", namespace]]);

    const back = await project.wrangler("rollback", "--yes");
    expect([back.code, back.said]).toEqual([
      1,
      expect.stringContaining("A Durable Object migration has occurred between"),
    ]);
    expect(back.said).toContain("[code: 10079]");
    expect((await cloud.visit(host, "/page")).text).toBe("Hall 4");

    project.configure({ migrations: [CREATE, RENAME, DELETE], workers_dev: true });
    project.code(hello("no objects"));
    const bound = await project.wrangler("deploy");
    // Cloudflare wants the binding gone from what serves before the class goes.
    expect([bound.code, bound.said]).toEqual([
      1,
      expect.stringContaining("without also removing the binding that references it"),
    ]);
    expect((await cloud.visit(host, "/page")).text).toBe("Hall 5");
    project.configure({ migrations: [CREATE, RENAME], workers_dev: true });
    project.code(counter("Hall").replace("env.COUNTER.getByName", "env.unbound"));
    expect((await project.wrangler("deploy")).code).toBe(0);
    project.configure({ migrations: [CREATE, RENAME, DELETE], workers_dev: true });
    project.code(hello("no objects"));
    expect((await project.wrangler("deploy")).code).toBe(0);
    expect((await cloud.visit(host, "/page")).text).toBe("no objects");
    expect(await classesOf(app)).toEqual([]);
    expect((await versionsOf(app)).map(({ number }) => number)).toEqual([5, 4, 3, 2, 1]);
    await bystander.mustBeOpen();
  },
  SESSION_MS,
);

function secretKey(text: string): object {
  return { type: "secret_text", name: "KEY", text };
}

/** A Worker with an object, both of which say which upload they are of. */
function labelled(label: string): string {
  return counter("Room")
    .replace('"Room "', `"object of ${label}: "`)
    .replace(
      "fetch(request, env) {",
      `fetch(request, env) { if (new URL(request.url).pathname === "/") return new Response("${label}");`,
    );
}

test(
  "wrangler versions and deployments: upload, split, view, and roll back, secrets too",
  async () => {
    const app = uniqueName();
    const host = `${app}.local.workers.dev`;
    const bindings = [counterBinding("Room")];
    await cloud.upload(app, labelled("one"), {
      bindings: [...bindings, secretKey("old")],
      migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
    });
    await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
    const bystander = await openBystander();
    const project = await makeProject(cloud, app);
    project.configure({ ...binding("Room"), migrations: [CREATE], workers_dev: true });
    project.code(labelled("two"));

    const upload = await project.wrangler("versions", "upload", "--tag", "t2", "--message", "two");
    const [two, one] = await versionsOf(app);
    expect([upload.code, upload.results]).toMatchObject([
      0,
      [{ type: "version-upload", worker_name: app, version_id: two?.id }],
    ]);
    expect((await cloud.visit(host)).text).toBe("one");

    const split = await project.wrangler(
      "versions",
      "deploy",
      `${two?.id}@60`,
      `${one?.id}@40`,
      "--yes",
      "--message=gradual",
    );
    const [deployment] = await deploymentsOf(app);
    expect([split.code, split.results]).toMatchObject([
      0,
      [{ type: "version-deploy", deployment_id: deployment?.id }],
    ]);
    expect(deployment).toMatchObject({
      source: "wrangler",
      annotations: { "workers/triggered_by": "deployment", "workers/message": "gradual" },
      versions: [
        { version_id: two?.id, percentage: 60 },
        { version_id: one?.id, percentage: 40 },
      ],
    });
    const keyed = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        cloud.visit(host, "/", { "Cloudflare-Workers-Version-Key": `visitor ${index}` }),
      ),
    );
    expect(new Set(keyed.map(({ text }) => text))).toEqual(new Set(["one", "two"]));
    expect((await cloud.visit(host, "/page")).text).toBe("object of two: 1");

    expect(await jsonOf(project, "versions", "list")).toEqual((await versionsOf(app)).toReversed());
    const details = await cloud.api("GET", `${SCRIPTS}/${app}/versions/${two?.id}`);
    expect(await jsonOf(project, "versions", "view", two?.id ?? "")).toEqual(details.result);
    expect(await jsonOf(project, "deployments", "list")).toEqual(
      (await deploymentsOf(app)).toReversed(),
    );
    const status = await project.wrangler("deployments", "status");
    expect([status.code, status.said]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`\\(60%\\) ${two?.id}\\n[^]*Tag: +t2\\n[^]*\\(40%\\) ${one?.id}\\n`),
      ),
    ]);

    await cloud.upload(app, labelled("three"), { bindings: [...bindings, secretKey("new")] });
    const before = cloud.journal.length;
    const back = await project.wrangler("rollback", one?.id ?? "", "--yes", "--message", "back");
    expect([back.code, back.said]).toEqual([
      0,
      expect.stringMatching(/The following secrets have changed since version [^]*\n {2}\* KEY\n/),
    ]);
    const posts = cloud.journal.slice(before).filter(({ method }) => method === "POST");
    expect(
      posts.map(({ status: code, path, errors }) => [code, path.split("?")[1], errors[0]?.code]),
    ).toEqual([
      [400, undefined, 10220],
      [200, "force=true", undefined],
    ]);
    expect((await cloud.visit(host)).text).toBe("one");
    expect((await cloud.visit(host, "/page")).text).toBe("object of one: 2");
    expect((await deploymentsOf(app))[0]).toMatchObject({
      annotations: { "workers/message": "back" },
      versions: [{ version_id: one?.id, percentage: 100 }],
    });

    const put = await project.wranglerReads("later", "versions", "secret", "put", "LATER");
    expect(put).toMatchObject({ code: 0 });
    const [four] = await versionsOf(app);
    const { result } = await cloud.api("GET", `${SCRIPTS}/${app}/versions/${four?.id}`);
    expect(result.resources.bindings.map(({ name }) => name)).toEqual(["COUNTER", "KEY", "LATER"]);
    expect((await deploymentsOf(app))[0]).toMatchObject({ versions: [{ version_id: one?.id }] });
    await bystander.mustBeOpen();
  },
  SESSION_MS,
);

async function jsonOf(
  project: Awaited<ReturnType<typeof makeProject>>,
  ...args: string[]
): Promise<unknown> {
  const { code, stdout, said } = await project.wrangler(...args, "--json");
  if (code !== 0) throw new Error(said);
  return JSON.parse(stdout);
}
