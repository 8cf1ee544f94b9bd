import { describe, expect, test } from "vitest";
import { checkCustomDomain } from "../lib/doctor/custom-domain.ts";
import { checkRoute, checkRouteDns } from "../lib/doctor/route.ts";
import { findZone } from "../lib/doctor/zone.ts";
import {
  DOMAINS,
  fakeSite,
  FORBIDDEN,
  RECORDS,
  ROUTES,
  ZONE,
  ZONE_ID,
  type Answers,
} from "./doctor-support.ts";

const HOST = "count.example.com";
const ROUTE = {
  pattern: "blog.example.com/live/*",
  host: "blog.example.com",
  basePath: "/live",
  manageDns: false,
};

async function zoneOf(
  answers: Answers,
  values: Record<string, string>,
): ReturnType<typeof findZone> {
  return findZone(await fakeSite(answers, { values }));
}

describe("the zone", () => {
  test("is found by its name", async () => {
    const found = await zoneOf(
      { "/zones?name=example.com": [ZONE] },
      { route: ROUTE.pattern, zone: "example.com" },
    );
    expect(found).toEqual({
      finding: { check: "zone", level: "ok", found: "'example.com' is active, in the account" },
      id: ZONE_ID,
    });
  });

  test("is found by its ID", async () => {
    const values = { route: ROUTE.pattern, zone: ZONE_ID };
    expect((await zoneOf({ [`/zones/${ZONE_ID}`]: ZONE }, values)).id).toBe(ZONE_ID);
    const missing = await zoneOf({}, values);
    expect(missing.finding.level).toBe("problem");
    expect(missing.finding.found).toBe(`there is no zone ${ZONE_ID} that this token may see`);
  });

  test("of a custom domain alone is the longest that its host ends with", async () => {
    const answers = {
      "/zones?name=count.example.com": [],
      "/zones?name=example.com": [ZONE],
    };
    expect((await zoneOf(answers, { customDomain: HOST })).id).toBe(ZONE_ID);
  });

  test.each([
    [[], "there is no zone example.com that this token may see"],
    [
      [{ ...ZONE, account: { id: "f".repeat(32) } }],
      `the zone 'example.com' is in another account (${"f".repeat(32)})`,
    ],
    [
      [{ ...ZONE, status: "pending" }],
      "the zone 'example.com' is 'pending', so nothing answers there",
    ],
    [[{ ...ZONE, name: "example.org" }], "'blog.example.com' is not in the zone 'example.org'"],
  ])("that is %j is a problem", async (zones, found) => {
    const result = await zoneOf({ "/zones": zones }, { route: ROUTE.pattern, zone: "example.com" });
    expect(result).toMatchObject({ finding: { level: "problem", found }, id: null });
  });

  test("in two accounts is the one in ours", async () => {
    const other = { ...ZONE, id: "a".repeat(32), account: { id: "f".repeat(32) } };
    const values = { route: ROUTE.pattern, zone: "example.com" };
    expect((await zoneOf({ "/zones": [other, ZONE] }, values)).id).toBe(ZONE_ID);
  });

  test("that the token may not read names the permission", async () => {
    const values = { route: ROUTE.pattern, zone: "example.com" };
    const { finding } = await zoneOf({ "/zones": FORBIDDEN }, values);
    expect(finding.found).toContain("it lacks the permission Zone, Zone, Read");
  });
});

describe("the route", () => {
  const ours = { id: "r", pattern: ROUTE.pattern, script: "visitor-tracker" };

  test.each([
    [[], "ok", "'blog.example.com/live/*' is free"],
    [[ours], "ok", "'blog.example.com/live/*' is this stack's"],
    [
      [{ ...ours, script: "other" }],
      "warning",
      "this stack's route 'blog.example.com/live/*' runs the script 'other': somebody changed it",
    ],
  ])("of a stack that was deployed, among %j, is %s", async (routes, level, found) => {
    const site = await fakeSite({ [ROUTES]: routes }, { isDeployed: true });
    expect(await checkRoute(site, ROUTE, ZONE_ID)).toMatchObject({ check: "route", level, found });
  });

  test("is read from the zone", async () => {
    const taken = [{ id: "r", pattern: ROUTE.pattern, script: "other" }];
    const site = await fakeSite({ [ROUTES]: taken });
    expect(await checkRoute(site, ROUTE, ZONE_ID)).toMatchObject({
      level: "problem",
      found: "the route 'blog.example.com/live/*' is taken: it runs the script 'other'",
    });
    const refused = await checkRoute(await fakeSite({ [ROUTES]: FORBIDDEN }), ROUTE, ZONE_ID);
    expect(refused.found).toContain("it lacks the permission Zone, Workers Routes, Edit");
  });
});

describe("the DNS of a route", () => {
  const record = { id: "r", name: ROUTE.host, type: "A", content: "192.0.2.1", proxied: true };

  test("is read from the zone", async () => {
    const site = await fakeSite({ [RECORDS]: [{ ...record, proxied: false }] });
    expect(await checkRouteDns(site, ROUTE, ZONE_ID)).toMatchObject({
      check: "DNS",
      level: "warning",
      found:
        "blog.example.com is not proxied (A 192.0.2.1, not proxied), so its requests never reach the route",
    });
  });

  test("may be unreadable without harm", async () => {
    const site = await fakeSite({ [RECORDS]: FORBIDDEN });
    expect((await checkRouteDns(site, ROUTE, ZONE_ID)).level).toBe("skipped");
  });
});

async function check(answers: Answers, isDeployed = false): ReturnType<typeof checkCustomDomain> {
  const site = await fakeSite(answers, { values: { customDomain: HOST }, isDeployed });
  return checkCustomDomain(site, HOST, ZONE_ID);
}

describe("the custom domain", () => {
  const attached = { id: "d", hostname: HOST, service: "visitor-tracker", zone_id: ZONE_ID };

  test("is free when no Worker and no record has it", async () => {
    expect(await check({ [DOMAINS]: [], [RECORDS]: [] })).toEqual({
      check: "custom domain",
      level: "ok",
      found: "count.example.com is free",
    });
  });

  test("of another Worker is a problem", async () => {
    const found = await check({ [DOMAINS]: [{ ...attached, service: "blog" }] });
    expect([found.level, found.found]).toEqual([
      "problem",
      "count.example.com is attached to the Worker 'blog'",
    ]);
  });

  test("of this stack is fine, its own record included", async () => {
    const records = [{ name: HOST, type: "AAAA", content: "100::", proxied: true }];
    expect((await check({ [DOMAINS]: [attached], [RECORDS]: records }, true)).level).toBe("ok");
    expect((await check({ [DOMAINS]: [attached], [RECORDS]: records })).found).toBe(
      "count.example.com is attached to 'visitor-tracker' already; the update takes it as it is",
    );
  });

  test("with a DNS record in its place is a problem", async () => {
    const records = [{ name: HOST, type: "CNAME", content: "pages.example.net", proxied: false }];
    expect((await check({ [DOMAINS]: [], [RECORDS]: records })).found).toBe(
      "count.example.com has a DNS record (CNAME pages.example.net, not proxied), and a custom domain makes its own",
    );
  });

  test("is asked for in the account", async () => {
    expect((await check({ [DOMAINS]: FORBIDDEN })).level).toBe("problem");
  });
});
