import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { ENDPOINTS } from "../src/api/table.ts";
import { LOCAL_TOKEN, startLocalCloud } from "../src/index.ts";
import { FORM_TYPE, form } from "./support/form.ts";
import { BODIES, FORMS, STARTING, UPLOADS } from "./support/fuzz-bodies.ts";
import { type Json, NASTY_TEXTS, mutated, mutations, textOf } from "./support/fuzz.ts";
import { hello } from "./support/workers.ts";

/** How long each of what is random goes on. */
const RANDOM_MS = 8_000;

/** No answer takes longer, however busy the machine. */
const HANG_MS = 30_000;

const dir = mkdtempSync(join(tmpdir(), "localcloud-"));
const warnings: string[] = [];
const cloud = await startLocalCloud({
  dir,
  port: 0,
  edgePort: 0,
  onWarning: (message) => warnings.push(message),
});
afterAll(async () => {
  await cloud.close();
  rmSync(dir, { recursive: true });
});

interface Sent {
  type: string;
  body: string | Uint8Array<ArrayBuffer>;
}

interface Answer {
  status: number;
  text: string;
}

async function send(method: string, url: string, sent?: Sent): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${LOCAL_TOKEN}`, "content-type": sent?.type ?? "text/plain" },
    signal: AbortSignal.timeout(HANG_MS),
    ...(sent === undefined ? {} : { body: sent.body }),
  });
  return { status: response.status, text: await response.text() };
}

function json(body: Json): Sent {
  return { type: "application/json", body: textOf(body) };
}

/** An upload of a Worker with this metadata. */
function upload(metadata: string): Sent {
  const parts = [
    {
      disposition: 'name="worker.js"; filename="worker.js"',
      contentType: "application/javascript+module",
      contents: hello("x"),
    },
    { disposition: 'name="metadata"', contents: metadata },
  ];
  return { type: FORM_TYPE, body: new Uint8Array(form(parts)) };
}

async function made(method: string, path: string, sent?: Sent): Promise<Record<string, string>> {
  const { text } = await send(method, `${cloud.apiUrl}${path}`, sent);
  return JSON.parse(text).result;
}

/** Another one after every write of the state. */
function lastWrite(): bigint {
  return statSync(join(dir, "state.json"), { bigint: true }).mtimeNs;
}

const OUTLINE = {
  success: false,
  errors: [{ code: expect.any(Number), message: expect.any(String) }],
  messages: [],
  result: null,
};

/** The answer is a success, or a failure as Cloudflare says it that changed nothing. */
async function attack(method: string, path: string, sent?: Sent): Promise<void> {
  const before = lastWrite();
  const { status, text } = await send(method, `${cloud.apiUrl}${path}`, sent);
  if (status === 200) return;
  const what = `${method} ${path.slice(0, 200)} ${String(sent?.body).slice(0, 500)} was answered ${status} ${text.slice(0, 500)}`;
  expect((status >= 400 && status < 500) || status === 501, what).toBe(true);
  expect(JSON.parse(text), what).toMatchObject(OUTLINE);
  expect(lastWrite(), what).toBe(before);
}

const SCRIPT = `/accounts/${cloud.accountId}/workers/scripts/app`;
await made("PUT", SCRIPT, upload('{"main_module": "worker.js"}'));
const zone = cloud.zoneId("localhost");
const record = { type: "TXT", name: "y", content: "z" };
const IDS: Readonly<Record<string, string>> = {
  account: cloud.accountId,
  zone,
  script: "app",
  worker: (await made("GET", `/accounts/${cloud.accountId}/workers/workers/app`))["id"] ?? "",
  record: (await made("POST", `/zones/${zone}/dns_records`, json(record)))["id"] ?? "",
  route:
    (await made("POST", `/zones/${zone}/workers/routes`, json({ pattern: "localhost/b" })))["id"] ??
    "",
};

/** The path of an endpoint, with ids that are there. */
function fill(template: string): string {
  return template.replaceAll(/:(\w+)/g, (_, name: string) => IDS[name] ?? "none");
}

function split(endpoint: string): [method: string, path: string] {
  const [method = "", template = ""] = endpoint.split(" ");
  return [method, fill(template)];
}

/** Endpoints that take nothing but their path. */
const BODILESS = ["GET", "DELETE"];

/** The same for two endpoints that call their ids differently. */
function generic(endpoint: string): string {
  return endpoint.replaceAll(/:\w+/g, ":");
}

test("every endpoint that takes a body is attacked", () => {
  const known = [...Object.keys(BODIES), ...Object.keys(STARTING), ...FORMS].map(generic);
  const all = ENDPOINTS.filter(([method]) => !BODILESS.includes(method));
  expect(new Set(known)).toEqual(
    new Set(all.map(([method, path]) => generic(`${method} ${path}`))),
  );
});

test.each(Object.entries(BODIES))("%s takes whatever each field is", async (endpoint, body) => {
  const [method, path] = split(endpoint);
  for (const nasty of mutations(body)) await attack(method, path, json(nasty));
  expect(warnings.filter((warning) => warning.startsWith("internal error"))).toEqual([]);
});

test("every endpoint takes whatever its path and query name", async () => {
  for (const [method, path] of ENDPOINTS) {
    const names = [...path.matchAll(/:(?!account|zone)\w+/g)].map(([name]) => name);
    for (const text of NASTY_TEXTS) {
      const query = ["page", "per_page", "limit", "cursor", "since", "until", "name", "force"]
        .map((name) => `${name}=${text}`)
        .join("&");
      const named = names.reduce((template, name) => template.replace(name, text), path);
      // An API client's `..` never arrives; what it leaves is another endpoint.
      if (method === "GET") await attack(method, `${fill(path)}?${query}`);
      if (names.length > 0 && text !== "..") await attack(method, `${fill(named)}?${query}`);
    }
  }
  expect(warnings.filter((warning) => warning.startsWith("internal error"))).toEqual([]);
});

const starting = fc
  .constantFrom(...Object.entries(STARTING))
  .chain(([endpoint, body]) => fc.tuple(fc.constant(endpoint), mutated(body).map(json)));
const uploads = fc.constantFrom(...UPLOADS).chain((metadata) =>
  fc.tuple(
    fc.constantFrom(...FORMS),
    mutated(metadata).map((body) => upload(textOf(body))),
  ),
);

test("what starts a Worker takes whatever some of its fields are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(starting, uploads), async ([endpoint, sent]) => {
      await attack(...split(endpoint), sent);
    }),
    { numRuns: 2_000, interruptAfterTimeLimit: RANDOM_MS, endOnFailure: true },
  );
  expect(warnings.filter((warning) => warning.startsWith("internal error"))).toEqual([]);
});
