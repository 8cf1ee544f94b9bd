import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Visitor } from "../../scripts/visitor.ts";
import { buildWorker } from "../../worker/build.ts";
import { finish } from "./support/leash.ts";
import { PulumiExample } from "./support/pulumi-example.ts";

const HOST = "count.bakery.example";
const SITE = "https://bakery.example";
const BLOG = "https://blog.bakery.example";

/** The life of a stack of somebody else's program, in order. */
let example: PulumiExample;
beforeAll(async () => {
  example = await PulumiExample.install("bakery.example");
  await example.init({ "allowedOrigins[0]": SITE, customDomain: HOST });
});
afterAll(() => example[Symbol.asyncDispose]());

/** What a preview would change; nothing when that is so. */
async function changes(): Promise<string> {
  const { code, stdout, stderr } = await example.pulumi("preview", "--expect-no-changes", "--diff");
  return code === 0 ? "" : stdout + stderr;
}

function visit(origin: string, page: string): Promise<Visitor> {
  return Visitor.join(example.cloud.edgeUrl, {
    page,
    userId: randomUUID(),
    origin,
    headers: { "x-emulator-host": HOST },
  });
}

async function state(): Promise<string> {
  return await example.succeed("stack", "export", "--stack", "prod");
}

/** Uses everything that the package exports, and names that it does not have. */
const CONSUMER = `
import { Config, type Output } from "@pulumi/pulumi";
import { VisitorTracker, type VisitorTrackerArgs } from "@visitor-tracker/pulumi";

const accountId: Output<string> = new Config().requireSecret("accountId");
const args: VisitorTrackerArgs = {
  accountId,
  allowedOrigins: [accountId, "none"],
  route: "blog.bakery.example/live/*",
  zone: "bakery.example",
  manageDns: true,
  limits: { tabsPerVisitor: 4 },
  locationHint: "weur",
  protect: undefined,
};
const count = new VisitorTracker("count", args, { protect: true });
export const url: Output<string | undefined> = count.url;
export const others: Output<string>[] = [count.embed, count.scriptName, count.migrationTag];
// @ts-expect-error -- no such argument
export const wrong: VisitorTrackerArgs = { ...args, alowedOrigins: [] };
// @ts-expect-error -- the account is required
export const missing: VisitorTrackerArgs = { allowedOrigins: [] };
// @ts-expect-error -- no such limit
export const limit: VisitorTrackerArgs = { ...args, limits: { tabs: 4 } };
`;

test("the packed types fit the program and whatever else it may say", async () => {
  await writeFile(join(example.folder, "consumer.ts"), CONSUMER);
  await expect(finish(["npx", "tsc"], example.folder)).resolves.toBeUndefined();
});

test("a preview tells every resource and address before there is anything", async () => {
  const output = await example.succeed("preview", "--diff");
  expect(output).toContain("+ cloudflare:index/workersScript:WorkersScript: (create)");
  expect(output).toContain("+ cloudflare:index/workersCustomDomain:WorkersCustomDomain: (create)");
  expect(output).toContain(`url  : "https://${HOST}"`);
  expect(output).toContain(SITE);
  expect(output).not.toContain(example.cloud.accountId);
});

test("up deploys the component, and then there is nothing to change", async () => {
  await example.succeed("up", "--yes");
  expect(await example.outputs()).toEqual({
    url: `https://${HOST}`,
    embed: expect.stringContaining(`<script src="https://${HOST}/live-`),
  });
  expect(await changes()).toBe("");
});

test("visitors are counted", async () => {
  const page = `/${randomUUID()}`;
  const [ada, bob] = [await visit(SITE, page), await visit(SITE, page)];
  await ada.sees(2);
  bob.kill();
  await ada.sees(1);
  ada.kill();
});

test("the bundle is the program's own, byte for byte, and no path of this machine is in the state", async () => {
  const { sha256 } = await buildWorker({ outFile: join(example.folder, ".build/worker.js") });
  const exported = await state();
  expect(exported).toContain(`"contentSha256": "${sha256}"`);
  expect(exported).toContain('"contentFile": "node_modules/.cache/visitor-tracker/worker.js"');
  expect(exported).not.toContain(example.folder);
});

test("the same program as an ES module, with its packages a folder above, changes nothing", async () => {
  await example.moveBelowPackages();
  await example.edit("package.json", '"main"', '"type": "module",\n  "main"');
  await example.edit(
    "Pulumi.yaml",
    "runtime: nodejs",
    "runtime: { name: nodejs, options: { typescript: false } }",
  );
  expect(await changes()).toBe("");
});

test("one more site is named by the preview, let in by the update, and nothing else changes", async () => {
  await expect(visit(BLOG, "/")).rejects.toThrow("refused with 403");
  await example.succeed("config", "set", "--path", "allowedOrigins[1]", BLOG);
  const preview = await example.succeed("preview", "--diff");
  expect(preview).toMatch(/~ json: \(json\) \[[\s\S]*?\+ \[1\]: "https:\/\/blog\.bakery\.example"/);
  expect(preview).toMatch(/~ 1 to update/);
  await example.succeed("up", "--yes");
  (await visit(BLOG, "/")).kill();
  expect(await changes()).toBe("");
});

test("all that is wrong with the arguments is said once, in the words of code, and nothing changes", async () => {
  await example.succeed("config", "set", "--path", "allowedOrigins[1]", "blog.bakery.example");
  await example.succeed("config", "set", "customDomain", `https://${HOST}`);
  const { code, stdout, stderr } = await example.pulumi("up", "--yes");
  expect(code).not.toBe(0);
  const [, output = ""] = (stdout + stderr).split("Diagnostics:");
  const message = [
    "VisitorTracker 'count' cannot be deployed, its arguments have 2 problems:",
    "allowedOrigins: 'blog.bakery.example' has no scheme; use 'https://blog.bakery.example'",
    'allowedOrigins[1]: "https://blog.bakery.example"',
  ];
  for (const line of message) expect(output.split(line), output).toHaveLength(2);
  expect(output).not.toMatch(/^\s+at .*:\d+|PromiseRejection/m);
  await example.succeed("config", "set", "--path", "allowedOrigins[1]", BLOG);
  await example.succeed("config", "set", "customDomain", HOST);
  expect(await changes()).toBe("");
});

test("another name of the Worker is refused, since it would destroy the objects", async () => {
  await example.edit("index.ts", "  accountId:", '  scriptName: "other",\n  accountId:');
  const { code, stdout, stderr } = await example.pulumi("up", "--yes");
  await example.edit("index.ts", '  scriptName: "other",\n', "");
  const output = stdout + stderr;
  expect(code, output).not.toBe(0);
  expect(output).toContain("This update would replace the script 'count' by 'other'");
  expect(output).toContain('scriptName: "count"');
  expect(await changes()).toBe("");
});

test("destroy leaves nothing at the API", async () => {
  const refused = await example.pulumi("destroy", "--yes");
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toContain("protected");
  await example.succeed("state", "unprotect", "--all", "--yes");
  await example.succeed("destroy", "--yes");
  expect(await example.api("/accounts/:account/workers/scripts")).toEqual([]);
  expect(await example.api("/accounts/:account/workers/domains")).toEqual([]);
});
