import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isRecord } from "../infra/src/is-record.ts";
import { uploadForeign } from "./support/foreign-worker.ts";
import type { LocalStack } from "./support/local-stack.ts";
import { WatchedStack } from "./support/watched-stack.ts";

const SCRIPT = "visitor-tracker-local";
const SCRIPTS = "/accounts/:account/workers/scripts";
const DOMAIN = "count.localhost";
const ROUTED = "live.localhost";

let refused: WatchedStack;
let stack: LocalStack;
beforeAll(async () => {
  refused = await WatchedStack.start();
  stack = refused.local;
});
afterAll(() => stack.stop());

const zone = (): string => `/zones/${stack.cloud.zoneId("localhost")}`;

/** How often an object of the foreign Worker says that it was asked: it keeps that in its storage. */
async function ask(host: string): Promise<string> {
  const response = await fetch(stack.cloud.edgeUrl, { headers: { "x-emulator-host": host } });
  return await response.text();
}

/** As docs/adopt.md tells, with a class, a tag, a route and a record that another tool has made. */
describe("a Worker that another tool deployed", () => {
  test("is refused, with the command that adopts it", async () => {
    await uploadForeign(stack.cloud, SCRIPT, { className: "VisitorCounter", tag: "first" });
    const route = { pattern: `${ROUTED}/*`, script: SCRIPT };
    await refused.make("POST", `${zone()}/workers/routes`, route);
    const record = { name: ROUTED, type: "AAAA", content: "100::", proxied: true, ttl: 1 };
    await refused.make("POST", `${zone()}/dns_records`, record);
    expect([await ask(ROUTED), await ask(ROUTED)]).toEqual(["1", "2"]);
    await refused.configure({ route: `${ROUTED}/*`, manageDns: '"true"' });
    await refused.shows(
      "up",
      `the account already has a script '${SCRIPT}' that this stack did not upload: it is at migration tag 'first', with the objects of VisitorCounter`,
      `to take it over with its objects: pulumi config set --path adopt.script ${SCRIPT} (docs/adopt.md)`,
    );
  });

  test("must have its classes named, for nothing is guessed about objects", async () => {
    await refused.configure({
      route: `${ROUTED}/*`,
      manageDns: '"true"',
      adopt: `{ script: ${SCRIPT} }`,
    });
    await refused.shows(
      "preview",
      `the script '${SCRIPT}' has objects of the class VisitorCounter, which this code does not know (it knows PageCounter, SiteDirectory)`,
      "pulumi config set --path adopt.renamedClasses.VisitorCounter PageCounter",
    );
  });

  test("is adopted with its objects, its route and its record", async () => {
    const before = await refused.namespaces();
    await refused.configure({
      route: `${ROUTED}/*`,
      manageDns: '"true"',
      adopt: `{ script: ${SCRIPT}, renamedClasses: { VisitorCounter: PageCounter } }`,
    });
    const { output } = await stack.up();
    expect(output).toMatch(/= cloudflare:index\/workersRoute:WorkersRoute: \(import\)/);
    expect(output).toMatch(/= cloudflare:index\/dnsRecord:DnsRecord: \(import\)/);
    const after = await refused.namespaces();
    expect(after.map((one) => one.class)).toEqual(["PageCounter", "SiteDirectory"]);
    expect(after[0]?.id).toBe(before[0]?.id);
    expect(await stack.outputs()).toMatchObject({ migrationTag: "v2" });
    const { status } = await fetch(`${stack.cloud.edgeUrl}/health`, {
      headers: { "x-emulator-host": ROUTED },
    });
    expect(status).toBe(200);
  });

  test("needs the consent no more afterwards", async () => {
    await refused.showsNoChanges();
    await refused.configure({ route: `${ROUTED}/*`, manageDns: '"true"' });
    await refused.showsNoChanges();
    expect(await refused.namespaces()).toHaveLength(2);
  });

  test("still has in its objects what was stored there before", async () => {
    await stack.checkout.edit(
      "worker/src/page-counter.ts",
      "async fetch(",
      'async stored() { return String(await this.ctx.storage.get("count")); }\n  async fetch(',
    );
    await stack.checkout.edit(
      "worker/src/index.ts",
      /async fetch\(([^)]*)\)([^{]*)\{/,
      (found) =>
        `${found}\n    if (new URL(request.url).pathname === "/stored") { const stub = env.PAGE_COUNTER.get(env.PAGE_COUNTER.idFromName("one")); return new Response(await stub.stored()); }`,
    );
    await stack.up();
    const response = await fetch(`${stack.cloud.edgeUrl}/stored`, {
      headers: { "x-emulator-host": ROUTED },
    });
    expect(await response.text()).toBe("2");
  });
});

/** All of it is deployed, and the state is gone. */
describe("a stack whose state is lost", () => {
  const settings = { customDomain: DOMAIN, route: `${ROUTED}/*`, manageDns: '"true"' };

  test("goes on by a plain up, with every object, and makes nothing twice", async () => {
    await refused.configure(settings);
    await stack.up();
    const before = await Promise.all([refused.namespaces(), addresses()]);
    await loseState();
    await stack.up();
    expect(await Promise.all([refused.namespaces(), addresses()])).toEqual(before);
    await refused.showsNoChanges();
  });

  test("is not taken for another stack's", async () => {
    await loseState();
    const path = "infra/src/visitor-tracker.ts";
    await stack.checkout.edit(
      path,
      "pulumi.getProject(), stack }",
      'pulumi.getProject(), stack: "other" }',
    );
    await stack.up();
    await stack.checkout.edit(path, 'stack: "other" }', "stack }");
    await loseState();
    await refused.shows(
      "preview",
      `the script '${SCRIPT}' belongs to the stack 'visitor-tracker/other', and two stacks would overwrite each other's`,
    );
    await refused.configure({ ...settings, adopt: `{ script: ${SCRIPT} }` });
    await stack.up();
    await refused.configure(settings);
  });

  test("can be imported by hand, and then has but one upload to make", async () => {
    const before = await Promise.all([refused.namespaces(), addresses()]);
    await loseState();
    const file = join(stack.checkout.root, "adopt.json");
    const preview = await stack.pulumi("preview", "--import-file", file);
    expect(preview.code, preview.output).toBe(0);
    await fillIn(file);
    const run = await stack.pulumi("import", "--file", file, "--yes", "--generate-code=false");
    expect(run.code, run.output).toBe(0);
    const next = await stack.pulumi("preview", "--diff");
    expect(next.code, next.output).toBe(0);
    const steps = [...next.output.matchAll(/^\s*(\S+) cloudflare:index\/\w+:(\w+): \((\w+)\)/gm)];
    expect(steps.map(([, mark, type]) => `${mark} ${type}`).toSorted()).toEqual([
      "= DnsRecord",
      "= WorkersRoute",
      "~ WorkersScript",
    ]);
    await stack.up();
    expect(await Promise.all([refused.namespaces(), addresses()])).toEqual(before);
    await refused.showsNoChanges();
  });
});

function firstId(result: unknown): string {
  const { id } = { id: "", ...Object(Array.isArray(result) ? result[0] : {}) };
  return String(id);
}

function addresses(): Promise<unknown> {
  return Promise.all(
    [
      "/accounts/:account/workers/domains",
      `${zone()}/workers/routes`,
      `${zone()}/dns_records`,
      `${SCRIPTS}/${SCRIPT}/subdomain`,
    ].map((path) => stack.api(path)),
  );
}

async function loseState(): Promise<void> {
  const empty = join(stack.checkout.root, "empty.json");
  await writeFile(empty, JSON.stringify({ version: 3, deployment: { manifest: {} } }));
  const run = await stack.pulumi("stack", "import", "--file", empty);
  if (run.code !== 0) throw new Error(run.output);
}

/** Replaces each `<PLACEHOLDER>` by the ID, as docs/adopt.md says. */
async function fillIn(file: string): Promise<void> {
  const { accountId } = stack.cloud;
  const domain = firstId(await stack.api("/accounts/:account/workers/domains"));
  const ids: { readonly [type: string]: string } = {
    "cloudflare:index/workersScript:WorkersScript": `${accountId}/${SCRIPT}`,
    "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain": `${accountId}/${SCRIPT}`,
    "cloudflare:index/workersCustomDomain:WorkersCustomDomain": `${accountId}/${domain}`,
  };
  const content: unknown = JSON.parse(await readFile(file, "utf8"));
  const list = isRecord(content) ? content["resources"] : undefined;
  if (!isRecord(content) || !Array.isArray(list)) throw new Error(`${file} has no resources`);
  const resources = list.map((one: object) => {
    const { type, id } = { type: "", id: undefined, ...one };
    return id === "<PLACEHOLDER>" ? { ...one, id: ids[type] } : one;
  });
  await writeFile(file, JSON.stringify({ ...content, resources }));
}
