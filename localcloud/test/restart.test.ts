import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { resetLocalCloud, startLocalCloud } from "../src/index.ts";
import { listen } from "../src/lib/listen.ts";
import { OLDEST_NODE, checkNode } from "../src/lib/node-version.ts";
import { zoneId } from "../src/model/ids.ts";
import { startChild } from "./support/child.ts";
import { type Result, type TestCloud, startTestCloud } from "./support/cloud.ts";
import { makeFolder } from "./support/folder.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const SCRIPTS = "/accounts/:account/workers/scripts";
const HOST = "app.local.workers.dev";

/** Uploads a counting Worker that says which upload it is, and says so in its version's message. */
async function uploadNumber(client: Pick<TestCloud, "upload">, number: number): Promise<number> {
  const first = number === 1 ? { migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] } } : {};
  const { status } = await client.upload(
    "app",
    `${counter("Room")}\nexport class Upload${number} {}`,
    {
      ...first,
      bindings: [counterBinding("Room")],
      annotations: { "workers/message": String(number) },
    },
  );
  return status;
}

test("what was deployed serves at once after a restart, storage and all", async () => {
  const dir = await makeFolder();
  const first = await startTestCloud({ dir });
  await uploadNumber(first, 1);
  await first.api("POST", `${SCRIPTS}/app/subdomain`, { enabled: true });
  const route = await first.api("POST", `/zones/${first.zoneId("localhost")}/workers/routes`, {
    pattern: "localhost/*",
    script: "app",
  });
  expect((await first.visit(HOST, "/page")).text).toBe("Room 1");
  const settings = await first.api("GET", `${SCRIPTS}/app/settings`);
  await first.close();

  const second = await startTestCloud({ dir });
  expect((await second.visit(HOST, "/page")).text).toBe("Room 2");
  expect((await second.visit("localhost", "/page")).text).toBe("Room 3");
  expect((await second.api("GET", `${SCRIPTS}/app/settings`)).result).toEqual(settings.result);
  const routes = await second.api("GET", `/zones/${second.zoneId("localhost")}/workers/routes`);
  expect(routes.result).toEqual([route.result]);
});

test("storage that a killed process was about to drop is dropped at the next start", async () => {
  const dir = await makeFolder();
  const first = await startTestCloud({ dir });
  await uploadNumber(first, 1);
  await first.close();
  const file = join(dir, "state.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  const [{ id }] = state.namespaces;
  const doomed = { ...state, scripts: [], namespaces: [], doomedNamespaces: [id] };
  writeFileSync(file, JSON.stringify(doomed));
  await (await startTestCloud({ dir })).close();
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ ...doomed, doomedNamespaces: [] });
});

/** The state that a local cloud leaves with scripts `bad` and `good`, the second on workers.dev. */
async function makeFolderWithTwoScripts(): Promise<string> {
  const dir = await makeFolder();
  const first = await startTestCloud({ dir });
  await first.upload("bad", hello("bad"));
  await first.upload("good", hello("good"));
  await first.api("POST", `${SCRIPTS}/good/subdomain`, { enabled: true });
  await first.close();
  return dir;
}

test("a script that cannot start any more is named, and the others serve", async () => {
  const dir = await makeFolderWithTwoScripts();
  const file = join(dir, "state.json");
  const state = JSON.parse(readFileSync(file, "utf8"));
  state.scripts[0].versions[0].compatibilityFlags = ["no_such_flag"];
  writeFileSync(file, JSON.stringify(state));
  const warnings: string[] = [];
  const second = await startTestCloud({ dir, onWarning: (message) => warnings.push(message) });
  expect(warnings).toEqual([
    expect.stringMatching(
      /^Script 'bad' could not be started: .*no_such_flag.*Upload it again, or delete it\.$/s,
    ),
  ]);
  expect((await second.visit("good.local.workers.dev")).text).toBe("good");
  expect((await second.api("DELETE", `${SCRIPTS}/bad`)).status).toBe(200);
});

test("a script whose modules are gone is named, and can be uploaded again", async () => {
  const dir = await makeFolderWithTwoScripts();
  const state = JSON.parse(readFileSync(join(dir, "state.json"), "utf8"));
  rmSync(join(dir, "blobs", state.scripts[0].versions[0].modules[0].sha256));
  const warnings: string[] = [];
  const second = await startTestCloud({ dir, onWarning: (message) => warnings.push(message) });
  expect(warnings).toEqual([expect.stringMatching(/^Script 'bad' could not be started: ENOENT/)]);
  expect((await second.visit("good.local.workers.dev")).text).toBe("good");
  expect((await second.upload("bad", hello("better"))).status).toBe(200);
});

test("a folder that is in use is refused, with the process that uses it", async () => {
  const dir = await makeFolder();
  await startTestCloud({ dir });
  await expect(startLocalCloud({ dir, port: 0, edgePort: 0 })).rejects.toThrow(
    `${dir} is in use by process ${process.pid}.`,
  );
});

test.each([
  ["port", "--port"],
  ["edgePort", "--edge-port"],
])("a taken %s is named, and nothing stays behind", async (option, flag) => {
  const dir = await makeFolder();
  const taker = createServer();
  const port = await listen(taker, "127.0.0.1", 0);
  onTestFinished(() => void taker.close());
  await expect(startLocalCloud({ dir, port: 0, edgePort: 0, [option]: port })).rejects.toThrow(
    `Port ${port} (${option}, ${flag}) is taken by another program. Stop it, or choose another port; 0 takes any free one.`,
  );
  await (await startTestCloud({ dir })).close();
});

test("a folder that cannot be written to is refused with the reason", async () => {
  const file = join(await makeFolder(), "file");
  writeFileSync(file, "");
  const said = `The folder ${file} cannot be used: EEXIST: file already exists, mkdir '${file}'. Choose one that can be written to.`;
  await expect(startLocalCloud({ dir: file, port: 0, edgePort: 0 })).rejects.toThrow(said);
  await expect(resetLocalCloud(file)).rejects.toThrow(said);
});

test.each([
  ["/nonexistent/workerd", "spawn /nonexistent/workerd ENOENT"],
  ["/bin/false", "Command failed: /bin/false --version"],
])("a machine on which workerd does not run is told so: %s", async (path, reason) => {
  vi.stubEnv("MINIFLARE_WORKERD_PATH", path);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(startLocalCloud({ port: 0, edgePort: 0 })).rejects.toThrow(
    `workerd, which runs Workers, does not run on this machine (${process.platform}-${process.arch}): ${reason}. There are binaries for`,
  );
});

test.each(["20.20.2", "21.9.0"])("Node %s is refused with the one that is needed", (version) => {
  expect(() => checkNode(version)).toThrow(
    `The local cloud needs Node 22 or later; this is Node ${version}.`,
  );
});

test.each(["22.0.0", "24.21.0", "100.0.0-nightly"])("Node %s is taken", (version) => {
  expect(() => checkNode(version)).not.toThrow();
});

test("the package asks for the Node that the code asks for", () => {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  expect(JSON.parse(manifest)).toHaveProperty("engines", { node: `>=${OLDEST_NODE}` });
});

test("a zone that cannot be one is refused", async () => {
  await expect(startLocalCloud({ zones: ["a b"], port: 0, edgePort: 0 })).rejects.toThrow(
    'zones[0].name: "a b" is not allowed; give a host name in lower case, such as example.com.',
  );
});

test("zones that are asked for are there, with their ids, besides those that were there", async () => {
  const dir = await makeFolder();
  await (await startTestCloud({ dir, zones: ["first.example"] })).close();
  const cloud = await startTestCloud({ dir, zones: ["second.example"] });
  const zones = (await cloud.api<Result[]>("GET", "/zones")).result;
  expect(zones.map(({ id, name }) => [id, name])).toEqual([
    [zoneId("first.example"), "first.example"],
    [zoneId("second.example"), "second.example"],
  ]);
});

test("the environment for clients names the API, the account and a token of the right form", async () => {
  const cloud = await startTestCloud();
  const { CLOUDFLARE_API_TOKEN: token = "", ...env } = cloud.env();
  expect(token).toMatch(/^[0-9A-Za-z\-_]{40,80}$/);
  expect(env).toEqual({
    CLOUDFLARE_BASE_URL: cloud.apiUrl,
    CLOUDFLARE_ACCOUNT_ID: cloud.accountId,
  });
});

test("closing twice is closing once", async () => {
  const cloud = await startTestCloud();
  await Promise.all([cloud.close(), cloud.close()]);
  await cloud.close();
  await expect(fetch(cloud.apiUrl)).rejects.toThrow("fetch failed");
  expect(readdirSync(cloud.dir)).not.toContain("lock");
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s stops the command line and gives the folder free",
  async (signal) => {
    const dir = await makeFolder();
    const child = await startChild(dir);
    child.process.kill(signal);
    expect(await child.ended).toBe(0);
    await (await startTestCloud({ dir })).close();
  },
);
