import { describe, expect, test } from "vitest";
import type { Api } from "../src/cloudflare-api.ts";
import { parseConfig } from "../src/config.ts";
import { findConflicts, type Imports } from "../src/conflicts/check.ts";
import type { Owned } from "../src/owned.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const ZONE = "fedcba9876543210fedcba9876543210";
const HOST = "blog.example.com";
const OLD_HOST = "old.example.com";
const PATTERN = `${HOST}/live/*`;
const OLD_PATTERN = `${OLD_HOST}/live/*`;
const NOTHING: Owned = { routes: [], customDomains: [], records: [] };

interface Site {
  /** Patterns of routes that run the stack's script, by ID. */
  readonly routes?: Readonly<Record<string, string>>;
  /** Hosts of records as `manageDns` makes them, by ID. */
  readonly records?: Readonly<Record<string, string>>;
}

/** What an update imports that serves {@link PATTERN}, with its record. */
async function importsOf(site: Site, owned: Partial<Owned>): Promise<Imports> {
  const { config } = parseConfig({
    stack: "prod",
    values: {
      accountId: ACCOUNT,
      allowedOrigins: '["https://example.com"]',
      zone: ZONE,
      route: PATTERN,
      manageDns: "true",
    },
    secretKeys: new Set(),
  });
  if (config === undefined) throw new Error("the config is wrong");
  const { imports } = await findConflicts({
    api: apiOf(site),
    config,
    stack: { project: "visitor-tracker", stack: "prod" },
    ledger: [],
    deployedTag: undefined,
    ownScript: "visitor-tracker",
    owned: { ...NOTHING, ...owned },
  });
  return imports;
}

function apiOf({ routes = {}, records = {} }: Site): Api {
  const zone = { id: ZONE, name: "example.com", status: "active", account: { id: ACCOUNT } };
  const results: Readonly<Record<string, unknown>> = {
    [`/zones/${ZONE}`]: zone,
    [`/zones/${ZONE}/workers/routes`]: Object.entries(routes).map(([id, pattern]) => {
      return { id, pattern, script: "visitor-tracker" };
    }),
    [`/zones/${ZONE}/dns_records`]: Object.entries(records).map(([id, name]) => {
      return { id, name, type: "AAAA", content: "100::", proxied: true, ttl: 1 };
    }),
  };
  return {
    host: "api.example",
    get: async (path) => ({ kind: "given", result: results[path.replace(/\?.*/, "")] ?? [] }),
    post: () => Promise.reject(new Error("nothing is changed")),
  };
}

describe("an update imports", () => {
  test("the route and the record that a state without them finds", async () => {
    const site = { routes: { r1: PATTERN }, records: { d1: HOST } };
    expect(await importsOf(site, {})).toEqual({ route: `${ZONE}/r1`, record: `${ZONE}/d1` });
  });

  test("nothing that the state has", async () => {
    const site = { routes: { r1: PATTERN }, records: { d1: HOST } };
    expect(await importsOf(site, { routes: [PATTERN], records: [HOST] })).toEqual({});
  });

  test("not its own route, which moved to the pattern although the answer was lost", async () => {
    const site = { routes: { r1: PATTERN } };
    expect(await importsOf(site, { routes: [OLD_PATTERN] })).toEqual({});
  });

  test("not its own record, which moved to the host although the answer was lost", async () => {
    const site = { records: { d1: HOST } };
    expect(await importsOf(site, { records: [OLD_HOST] })).toEqual({});
  });

  test("another one for the one of the state, while both are there", async () => {
    const site = { routes: { r1: OLD_PATTERN, r2: PATTERN }, records: { d1: OLD_HOST, d2: HOST } };
    expect(await importsOf(site, { routes: [OLD_PATTERN], records: [OLD_HOST] })).toEqual({
      route: `${ZONE}/r2`,
      record: `${ZONE}/d2`,
    });
  });
});
