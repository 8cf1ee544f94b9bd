import { describe, expect, test } from "vitest";
import type { Answer, Api } from "../src/cloudflare-api.ts";
import { parseConfig } from "../src/config.ts";
import { findConflicts, type ConflictOptions, type Conflicts } from "../src/conflicts/check.ts";
import { LEDGER } from "../src/ledger.ts";
import { parseOwned } from "../src/owned.ts";
import { parseMark } from "../src/stack-mark.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const ZONE = { id: "z1", name: "example.com", status: "active", account: { id: ACCOUNT } };
const ROUTES = "/zones/z1/workers/routes";
const RECORDS = "/zones/z1/dns_records";
const DOMAINS = `/accounts/${ACCOUNT}/workers/domains`;
const SUBDOMAIN = `/accounts/${ACCOUNT}/workers/subdomain`;
const SETTINGS = `/accounts/${ACCOUNT}/workers/scripts/visitor-tracker/settings`;
const NAMESPACES = `/accounts/${ACCOUNT}/workers/durable_objects/namespaces`;
const NOTHING = { routes: [], customDomains: [], records: [] };
const FORBIDDEN: Answer = {
  kind: "refused",
  status: 403,
  code: 10_000,
  message: "Authentication error",
};

const HEALTHY: { readonly [path: string]: unknown } = {
  "/zones": [ZONE],
  [ROUTES]: [],
  [RECORDS]: [{ id: "d1", name: "example.com", type: "A", content: "192.0.2.1", proxied: true }],
  [DOMAINS]: [],
  [SUBDOMAIN]: { subdomain: "alice" },
  [SETTINGS]: { bindings: [] },
  [NAMESPACES]: [],
};

/** An API that gives these results, or these answers, by path. */
function apiOf(results: { readonly [path: string]: unknown }): Api & { asked: string[] } {
  const asked: string[] = [];
  const get = async (path: string): Promise<Answer> => {
    asked.push(path);
    const result = results[path.split("?")[0] ?? ""];
    if (result === FORBIDDEN) return FORBIDDEN;
    if (result === undefined) return { kind: "unreachable", reason: `no answer for ${path}` };
    return { kind: "given", result };
  };
  return { host: "api.example", asked, get, post: refuse };
}

async function refuse(): Promise<Answer> {
  throw new Error("a check only reads");
}

async function check(
  changes: { readonly [path: string]: unknown } = {},
  options: Partial<ConflictOptions> & { readonly values?: { readonly [key: string]: string } } = {},
): Promise<Conflicts> {
  const { values, ...others } = options;
  const { config, problems } = parseConfig({
    stack: "prod",
    values: {
      accountId: ACCOUNT,
      allowedOrigins: '["https://example.com"]',
      route: "example.com/live/*",
      zone: "example.com",
      ...values,
    },
    secretKeys: new Set(),
  });
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return findConflicts({
    api: apiOf({ ...HEALTHY, ...changes }),
    config,
    stack: { project: "visitor-tracker", stack: "prod" },
    ledger: LEDGER,
    deployedTag: undefined,
    ownScript: undefined,
    owned: NOTHING,
    ...others,
  });
}

function problemsOf({ verdicts }: Conflicts): string[] {
  return verdicts.filter(({ level }) => level === "problem").map(({ found }) => found);
}

describe("the check of an update", () => {
  test("finds nothing in the way of a first deployment on a free account", async () => {
    const found = await check();
    expect(found.verdicts.map(({ level }) => level)).toEqual(["ok", "ok", "ok"]);
    expect(found).toMatchObject({ unread: [], imports: {}, ledger: LEDGER });
  });

  test.each([
    [{ "/zones": [] }, "there is no zone example.com that this token may see"],
    [
      { "/zones": [{ ...ZONE, account: { id: "f".repeat(32) } }] },
      `the zone 'example.com' is in another account (${"f".repeat(32)})`,
    ],
    [
      { "/zones": [{ ...ZONE, status: "pending" }] },
      "the zone 'example.com' is 'pending', so nothing answers there",
    ],
    [
      { [ROUTES]: [{ id: "r1", pattern: "example.com/live/*", script: "blog" }] },
      "the route 'example.com/live/*' is taken: it runs the script 'blog'",
    ],
  ])("finds %j", async (changes, problem) => {
    expect(problemsOf(await check(changes))).toEqual([problem]);
  });

  test("looks at a custom domain in the zone that its host is in", async () => {
    const domains = [{ hostname: "count.example.com", service: "blog" }];
    const values = { customDomain: "count.example.com" };
    expect(problemsOf(await check({ [DOMAINS]: domains }, { values }))).toEqual([
      "count.example.com is attached to the Worker 'blog'",
    ]);
  });

  test("finds that there is no subdomain, when the address does not need it", async () => {
    const values = { workersDev: "true" };
    expect(problemsOf(await check({ [SUBDOMAIN]: { subdomain: "" } }, { values }))).toEqual([
      "the account has no subdomain of workers.dev yet, and workersDev needs it",
    ]);
  });

  test("gives the IDs by which the update imports what is ours already", async () => {
    const route = { id: "r1", pattern: "example.com/live/*", script: "visitor-tracker" };
    const record = {
      id: "d1",
      name: "example.com",
      type: "AAAA",
      content: "100::",
      proxied: true,
      ttl: 1,
    };
    const changes = { [ROUTES]: [route], [RECORDS]: [record] };
    const values = { manageDns: "true" };
    const { imports } = await check(changes, { values });
    expect(imports).toEqual({ route: "z1/r1", record: "z1/d1" });
    const owned = { routes: ["example.com/live/*"], customDomains: [], records: ["example.com"] };
    expect((await check(changes, { values, owned })).imports).toEqual({});
  });

  test.each([
    ["/zones", "the zone of example.com (the API token lacks the permission Zone, Zone, Read)"],
    [ROUTES, "the zone's routes (the API token lacks the permission Zone, Workers Routes, Edit)"],
    [
      RECORDS,
      "the DNS records of example.com (the API token lacks the permission Zone, DNS, Read)",
    ],
  ])("says that the token may not read %s, and goes on", async (path, unread) => {
    const found = await check({ [path]: FORBIDDEN });
    expect(found.unread).toEqual([unread]);
    expect(problemsOf(found)).toEqual([]);
  });

  test("says why the API did not answer, and goes on", async () => {
    const { unread } = await check({ [ROUTES]: undefined });
    expect(unread).toEqual([`the zone's routes (no answer for ${ROUTES})`]);
  });

  test("asks nothing without a token, and judges the script by its tag", async () => {
    const found = await check({}, { api: undefined, deployedTag: "" });
    expect(problemsOf(found)[0]).toContain("the account already has a script 'visitor-tracker'");
    expect(found.unread).toEqual([
      "routes, hosts and scripts of others (no API token is set, and these are asked for with a token alone)",
    ]);
  });

  test("asks for the script's classes only when it is not known to be this stack's", async () => {
    const api = apiOf(HEALTHY);
    await check({}, { api, deployedTag: "v2", ownScript: "visitor-tracker" });
    expect(api.asked).not.toContain(SETTINGS);
    await check({}, { api, deployedTag: "v2" });
    expect(api.asked).toContain(SETTINGS);
  });
});

describe("a stack's mark", () => {
  test("is read from the script's settings", () => {
    const json = { project: "visitor-tracker", stack: "prod" };
    const mark = { type: "json", name: "DEPLOYED_BY", json };
    expect(parseMark({ bindings: [{ type: "json", name: "OTHER" }, mark] })).toEqual(json);
  });

  test.each([undefined, {}, { bindings: [{ name: "DEPLOYED_BY", json: "x" }] }])(
    "is none in %j",
    (settings) => {
      expect(parseMark(settings)).toBeUndefined();
    },
  );
});

function resource(type: string, outputs: object): object {
  return { type: `cloudflare:index/x:${type}`, outputs };
}

test("what a stack owns is read from its state", () => {
  const outputs = {
    a: resource("WorkersRoute", { pattern: "example.com/*" }),
    b: resource("WorkersCustomDomain", { hostname: "count.example.com" }),
    c: resource("DnsRecord", { name: "example.com" }),
    d: resource("WorkersScript", { scriptName: "visitor-tracker" }),
  };
  expect(parseOwned({ outputs })).toEqual({
    routes: ["example.com/*"],
    customDomains: ["count.example.com"],
    records: ["example.com"],
  });
  expect(parseOwned(null)).toEqual(NOTHING);
});
