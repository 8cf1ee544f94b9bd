import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildWorker } from "@visitor-tracker/worker/build";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parseConfig, type StackConfig } from "../../infra/src/config.ts";
import { scriptInputs } from "../../infra/src/script-inputs.ts";
import { capture } from "../lib/child.ts";
import { CHECKOUT } from "../lib/project.ts";
import { wranglerConfig } from "../lib/wrangler-config.ts";
import { renderWranglerConfig } from "../lib/wrangler-file.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";

const VALUES: Readonly<Record<string, string>> = {
  accountId: ACCOUNT,
  allowedOrigins: '["https://example.com"]',
  workersDev: "true",
};

function configOf(values: Record<string, string>, stack = "prod"): StackConfig {
  const { config, problems } = parseConfig({
    stack,
    values: { ...VALUES, ...values },
    secretKeys: new Set(),
  });
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return config;
}

function generate(values: Record<string, string>): Readonly<Record<string, unknown>> {
  return wranglerConfig(configOf(values), {
    main: "worker.js",
    root: ".",
    buildCommand: "true",
    withAccount: true,
  });
}

/** A stack's file in a project of its own, with the same settings as VALUES. */
async function projectWith(...lines: string[]): Promise<string> {
  const root = temporaryFolder();
  await writeFiles(root, {
    "Pulumi.yaml": "name: visitor-tracker\n",
    "Pulumi.prod.yaml": [
      "config:",
      "  visitor-tracker:allowedOrigins: [https://example.com]",
      "  visitor-tracker:workersDev: true",
      ...lines.map((line) => `  visitor-tracker:${line}`),
      "",
    ].join("\n"),
  });
  return root;
}

/** Keys of the program's inputs as the API spells them. */
function asApi(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asApi);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      key === "json" ? JSON.parse(String(item)) : asApi(item),
    ]),
  );
}

describe("wrangler's own upload", () => {
  test("is what the program uploads: same bytes, bindings and settings", async () => {
    const folder = await projectWith(`accountId: ${ACCOUNT}`, "limits: { upgradesPerMinute: 7 }");
    const { text } = await renderWranglerConfig("prod", { folder, root: folder });
    await writeFiles(folder, { "wrangler.prod.jsonc": text });
    const { metadata, script } = await dryRun(folder);

    const bundle = await buildWorker({ outFile: join(folder, "worker.js") });
    const inputs = scriptInputs({
      ...configOf({ limits: '{"upgradesPerMinute":7}' }),
      bundle: { path: "worker.js", sha256: bundle.sha256 },
    });
    expect(createHash("sha256").update(script).digest("hex")).toBe(inputs.contentSha256);
    expect(metadata).toEqual({
      main_module: inputs.mainModule,
      bindings: asApi(inputs.bindings),
      compatibility_date: inputs.compatibilityDate,
      compatibility_flags: inputs.compatibilityFlags,
      keep_bindings: inputs.keepBindings,
      observability: asApi(inputs.observability),
    });
  }, 120_000);
});

interface Upload {
  readonly metadata: Record<string, unknown>;
  readonly script: Uint8Array;
}

/** The form that `wrangler deploy` would send, its bindings sorted by name. */
async function dryRun(folder: string): Promise<Upload> {
  const wrangler = join(CHECKOUT, "node_modules/.bin/wrangler");
  const args = ["deploy", "--dry-run", "--config", "wrangler.prod.jsonc", "--outfile", "form"];
  const { code, stdout, stderr } = await capture(wrangler, args, {
    cwd: folder,
    env: {
      PATH: `${join(CHECKOUT, "node_modules/.bin")}:${process.env["PATH"]}`,
      HOME: folder,
      CI: "1",
      WRANGLER_SEND_METRICS: "false",
    },
  });
  expect(`${code}\n${stderr}`, stdout).toBe("0\n");
  const bytes = await readFile(join(folder, "form"));
  const boundary = bytes.subarray(2, bytes.indexOf("\r\n")).toString();
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
  const form = await new Response(bytes, { headers }).formData();
  const metadata: unknown = JSON.parse(await textOf(form.get("metadata")));
  if (typeof metadata !== "object" || metadata === null) throw new Error("no metadata");
  const { bindings, ...others } = { bindings: [], ...metadata };
  const sorted = [...bindings].toSorted(byName);
  return {
    metadata: { ...others, bindings: sorted },
    script: Buffer.from(await textOf(form.get("worker.js"))),
  };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

async function textOf(part: ReturnType<FormData["get"]>): Promise<string> {
  if (part === null) throw new Error("the form lacks a part");
  return typeof part === "string" ? part : part.text();
}

describe("wrangler's config of a stack", () => {
  test("has the names, classes, dates and migrations that development has", async () => {
    const path = join(CHECKOUT, "worker/wrangler.jsonc");
    const development: unknown = ts.parseConfigFileTextToJson(
      path,
      await readFile(path, "utf8"),
    ).config;
    const { name, compatibility_date, compatibility_flags, migrations, durable_objects, vars } =
      generate({});
    expect(development).toMatchObject({
      name,
      compatibility_date,
      compatibility_flags,
      migrations,
      durable_objects,
      vars: Object.fromEntries(
        Object.keys({ ...Object(vars) }).map((key) => [key, expect.anything()]),
      ),
    });
    expect(development).toHaveProperty("ratelimits.0.name", "RATE_LIMIT");
    expect(development).toHaveProperty("ratelimits.1.name", "READ_LIMIT");
    expect(generate({}).ratelimits).toHaveLength(2);
  });

  test("spells migrations as wrangler does, whole, since wrangler knows what is deployed", () => {
    expect(generate({}).migrations).toEqual([
      { tag: "v1", new_sqlite_classes: ["PageCounter"] },
      { tag: "v2", new_sqlite_classes: ["SiteDirectory"] },
    ]);
  });

  test("has the addresses, each in its zone", () => {
    const { routes, workers_dev, preview_urls } = generate({
      customDomain: "count.example.com",
      route: "blog.example.com/live/*",
      zone: "example.com",
      workersDev: "false",
    });
    expect(routes).toEqual([
      { pattern: "count.example.com", custom_domain: true, zone_name: "example.com" },
      { pattern: "blog.example.com/live/*", zone_name: "example.com" },
    ]);
    expect([workers_dev, preview_urls]).toEqual([false, false]);
    const zone = "f".repeat(32);
    expect(generate({ route: "a.example.com/*", zone }).routes).toEqual([
      { pattern: "a.example.com/*", zone_id: zone },
    ]);
    expect(generate({})).not.toHaveProperty("routes");
  });

  test("says what wrangler leaves to do, and writes no encrypted account ID", async () => {
    const root = await projectWith(
      "accountId: { secure: v1:abc }",
      "route: a.example.com/*",
      "zone: example.com",
      "manageDns: true",
    );
    const { text, todo } = await renderWranglerConfig("prod", { folder: root, root });
    expect(todo).toEqual([
      "make the DNS record of the route (manageDns): name a.example.com, type AAAA, content 100::, proxied",
      "take care not to delete or rename the Worker: nothing refuses it (protect is Pulumi's)",
      "set CLOUDFLARE_ACCOUNT_ID in the environment: the stack's account ID is encrypted",
    ]);
    expect(text).not.toContain("account_id");
    expect(text.startsWith("// Made by npm run wrangler-config -- --stack prod, from ")).toBe(true);
    for (const line of todo) expect(text).toContain(`\n// Wrangler does not do this: ${line}.\n`);
  });

  test("is refused with all that is wrong, or when the stack is the local cloud's", async () => {
    const root = await projectWith("accountId: nope", "route: a.example.com");
    await expect(renderWranglerConfig("prod", { folder: root, root })).rejects.toThrow(
      /has 2 problems:\n {2}accountId: .*\n.*\n {2}route: /,
    );
    await expect(renderWranglerConfig("local", { folder: root })).rejects.toThrow(
      "Stack 'local' is for the local cloud",
    );
  });
});
