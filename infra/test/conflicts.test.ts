import { describe, expect, test } from "vitest";
import { judgeCustomDomain } from "../src/conflicts/custom-domain.ts";
import { adoptableRecord, judgeRouteDns, parseRecords } from "../src/conflicts/dns.ts";
import { adoptableRoute, judgeRoute } from "../src/conflicts/route.ts";
import { judgeScript, type ExistingScript, type ScriptWish } from "../src/conflicts/script.ts";
import { judgeZone, parentsOf, pickZone } from "../src/conflicts/zone.ts";

const HOST = "blog.example.com";
const ROUTE = { pattern: `${HOST}/live/*`, host: HOST, basePath: "/live", manageDns: false };
const OURS = { id: "r1", pattern: ROUTE.pattern, script: "tracker" };

describe("a route", () => {
  test.each([
    [[], false, "ok", "'blog.example.com/live/*' is free"],
    [
      [{ id: "r2", pattern: `${HOST}/*`, script: "blog" }],
      false,
      "ok",
      "'blog.example.com/live/*' is free",
    ],
    [[OURS], true, "ok", "'blog.example.com/live/*' is this stack's"],
    [
      [OURS],
      false,
      "ok",
      "'blog.example.com/live/*' runs 'tracker' already; the update imports it",
    ],
    [
      [{ ...OURS, script: "other" }],
      false,
      "problem",
      "the route 'blog.example.com/live/*' is taken: it runs the script 'other'",
    ],
    [
      [{ id: "r1", pattern: ROUTE.pattern }],
      false,
      "problem",
      "the route 'blog.example.com/live/*' is taken: it keeps Workers away",
    ],
    [
      [{ ...OURS, script: "other" }],
      true,
      "warning",
      "this stack's route 'blog.example.com/live/*' runs the script 'other': somebody changed it",
    ],
    [
      [OURS, { id: "r2", pattern: `${HOST}/live/ws*`, script: "other" }],
      true,
      "warning",
      "the route 'blog.example.com/live/ws*' (other) is more specific than 'blog.example.com/live/*' and takes its requests",
    ],
    [
      [{ id: "r2", pattern: `${HOST}/lively/*`, script: "x" }],
      false,
      "ok",
      "'blog.example.com/live/*' is free",
    ],
  ])("among %j, in the state: %j, is %s", (routes, isOwned, level, found) => {
    const verdict = judgeRoute(ROUTE, routes, { scriptName: "tracker", isOwned });
    expect(verdict).toMatchObject({ level, found });
    expect(verdict.advice === undefined).toBe(level === "ok");
  });

  test("is still ours while the script is renamed, and only when it was", () => {
    const former = { scriptName: "counter", formerName: "tracker" };
    expect(judgeRoute(ROUTE, [OURS], { ...former, isOwned: true }).level).toBe("ok");
    expect(judgeRoute(ROUTE, [OURS], { ...former, isOwned: false }).level).toBe("problem");
  });

  test("is imported when it runs our script, and never from another", () => {
    const other = { ...OURS, script: "other" };
    expect(adoptableRoute(ROUTE, [OURS], "tracker", [])).toBe(OURS);
    expect(adoptableRoute(ROUTE, [other], "tracker", [])).toBeUndefined();
  });
});

describe("the DNS record of a route's host", () => {
  const api = { id: "d1", name: HOST, type: "AAAA", content: "100::", proxied: true, ttl: 1 };
  const managed = { ...ROUTE, manageDns: true };
  const [discard] = parseRecords([api], HOST);
  if (discard === undefined) throw new Error("the record was not parsed");
  const address = { ...discard, type: "A", content: "192.0.2.1" };

  test.each([
    [ROUTE, [address], false, "ok", "blog.example.com is proxied (A 192.0.2.1)"],
    [
      ROUTE,
      [{ ...address, proxied: false }],
      false,
      "warning",
      "blog.example.com is not proxied (A 192.0.2.1, not proxied), so its requests never reach the route",
    ],
    [
      ROUTE,
      [],
      false,
      "warning",
      "blog.example.com has no DNS record, so nobody finds the route, unless a wildcard record covers it",
    ],
    [managed, [], false, "ok", "the record of blog.example.com is made by the update"],
    [managed, [discard], true, "ok", "the record of blog.example.com is this stack's"],
    [
      managed,
      [discard],
      false,
      "ok",
      "blog.example.com has the record that manageDns makes; the update imports it",
    ],
    [
      managed,
      [address],
      false,
      "problem",
      "blog.example.com has a DNS record (A 192.0.2.1), and manageDns would make another",
    ],
  ])("%j with %j, in the state: %j, is %s", (route, records, isOwned, level, found) => {
    expect(judgeRouteDns(route, records, isOwned)).toMatchObject({ level, found });
  });

  test("needs no record on this machine, where every name of localhost resolves", () => {
    const route = { ...ROUTE, host: "blog.localhost" };
    expect(judgeRouteDns(route, [], false).level).toBe("ok");
    expect(judgeRouteDns({ ...ROUTE, host: "localhost" }, [], false).level).toBe("ok");
  });

  test("is of the host itself, and of a kind that gives it an address", () => {
    expect(parseRecords([{ ...api, name: "www.example.com" }], HOST)).toEqual([]);
    expect(parseRecords([{ ...api, type: "TXT" }], HOST)).toEqual([]);
  });

  test("is imported only when it is exactly what would be made", () => {
    expect(adoptableRecord(parseRecords([api], HOST))?.id).toBe("d1");
    const others = [{ comment: "mine" }, { tags: ["a"] }, { ttl: 300 }, { proxied: false }];
    for (const change of others) {
      expect(adoptableRecord(parseRecords([{ ...api, ...change }], HOST))).toBeUndefined();
    }
  });
});

describe("a custom domain", () => {
  const record = {
    id: "d",
    type: "CNAME",
    content: "pages.example.net",
    proxied: false,
    isPlain: true,
  };

  test.each([
    [undefined, [], false, "ok", "count.example.com is free"],
    ["tracker", [record], true, "ok", "count.example.com is attached to this stack's Worker"],
    [
      "tracker",
      [record],
      false,
      "ok",
      "count.example.com is attached to 'tracker' already; the update takes it as it is",
    ],
    ["blog", [], false, "problem", "count.example.com is attached to the Worker 'blog'"],
    [
      "blog",
      [],
      true,
      "warning",
      "this stack's custom domain count.example.com is attached to the Worker 'blog': somebody changed it",
    ],
    [
      undefined,
      [record],
      false,
      "problem",
      "count.example.com has a DNS record (CNAME pages.example.net, not proxied), and a custom domain makes its own",
    ],
  ])(
    "of %j with the records %j, in the state: %j, is %s",
    (service, records, isOwned, level, found) => {
      const owner = { scriptName: "tracker", isOwned };
      expect(judgeCustomDomain("count.example.com", service, records, owner)).toMatchObject({
        level,
        found,
      });
    },
  );
});

test("a custom domain is still ours while the script is renamed, and only when it was", () => {
  const former = { scriptName: "counter", formerName: "tracker" };
  const judge = (isOwned: boolean): string =>
    judgeCustomDomain("count.example.com", "tracker", [], { ...former, isOwned }).level;
  expect([judge(true), judge(false)]).toEqual(["ok", "problem"]);
});

describe("a zone", () => {
  const zone = { id: "z", name: "example.com", status: "active", accountId: "a" };
  const wish = { accountId: "a", host: HOST, isInUse: false };

  test.each([
    [zone, wish, "ok", "'example.com' is active, in the account"],
    [
      { ...zone, accountId: "b" },
      wish,
      "problem",
      "the zone 'example.com' is in another account (b)",
    ],
    [
      zone,
      { ...wish, host: "blog.example.org" },
      "problem",
      "'blog.example.org' is not in the zone 'example.com'",
    ],
    [
      { ...zone, status: "pending" },
      wish,
      "problem",
      "the zone 'example.com' is 'pending', so nothing answers there",
    ],
    [
      { ...zone, status: "pending" },
      { ...wish, isInUse: true },
      "warning",
      "the zone 'example.com' is 'pending', so nothing answers there",
    ],
  ])("%j for %j is %s", (found, wanted, level, text) => {
    expect(judgeZone(found, wanted)).toMatchObject({ level, found: text });
  });

  test("in two accounts is the one in ours", () => {
    const other = { ...zone, id: "y", accountId: "b" };
    expect(pickZone([other, zone], "a")).toBe(zone);
    expect(pickZone([other], "a")).toBe(other);
  });

  test("of a host is looked for from the longest name on", () => {
    expect(parentsOf("a.b.example.com")).toEqual([
      "a.b.example.com",
      "b.example.com",
      "example.com",
    ]);
    expect(parentsOf("localhost")).toEqual(["localhost"]);
  });
});

describe("a script of our name", () => {
  const LEDGER = [
    { tag: "v1", newSqliteClasses: ["PageCounter"] },
    { tag: "v2", newSqliteClasses: ["SiteDirectory"] },
  ];
  const stack = { project: "visitor-tracker", stack: "prod" };
  const none: ExistingScript = { tag: "", classes: [], mark: undefined };
  const wish: ScriptWish = {
    scriptName: "tracker",
    stack,
    ledger: LEDGER,
    isOwned: false,
    adopt: undefined,
  };
  const adopt = { script: "tracker", renamedClasses: {} };
  const judge = (existing: Partial<ExistingScript>, wanted: Partial<ScriptWish> = {}) =>
    judgeScript({ ...none, ...existing }, { ...wish, ...wanted });

  test.each<[Partial<ExistingScript>, Partial<ScriptWish>, string, string]>([
    [
      { tag: "v2" },
      { isOwned: true },
      "ok",
      "'tracker' is deployed, its objects at migration tag 'v2': the newest",
    ],
    [{}, { isOwned: true }, "ok", "'tracker' is there without objects; the update makes them"],
    [
      { tag: "v9" },
      { isOwned: true },
      "problem",
      "the deployed script 'tracker' is at migration tag 'v9', which this code does not know (it knows v1, v2)",
    ],
    [
      { tag: "v2", mark: stack },
      {},
      "ok",
      "'tracker' was uploaded by this stack, whose state has lost it; it is taken over",
    ],
    [
      { tag: "v2", mark: { ...stack, stack: "staging" } },
      {},
      "problem",
      "the script 'tracker' belongs to the stack 'visitor-tracker/staging', and two stacks would overwrite each other's",
    ],
    [
      { tag: "v2", classes: ["Room"] },
      {},
      "problem",
      "the account already has a script 'tracker' that this stack did not upload: it is at migration tag 'v2', with the objects of Room; an update would replace its code and bindings",
    ],
    [
      {},
      { adopt: { ...adopt, script: "another" } },
      "problem",
      "the account already has a script 'tracker' that this stack did not upload: it has no migration tag, with no objects; an update would replace its code and bindings",
    ],
    [
      { tag: "v1", classes: undefined },
      {},
      "warning",
      "the account has a script 'tracker' that is not in this stack's state, and who uploaded it cannot be read; it is taken over",
    ],
    [
      { tag: "first", classes: ["Room"] },
      { adopt },
      "problem",
      "the script 'tracker' has objects of the class Room, which this code does not know (it knows PageCounter, SiteDirectory)",
    ],
    [
      { tag: "first", classes: ["Room"] },
      { adopt: { ...adopt, renamedClasses: { Room: "Hall" } } },
      "problem",
      "adopt.renamedClasses names the class Hall, and this code has none of that name (it has PageCounter, SiteDirectory)",
    ],
    [
      { tag: "first", classes: ["Room"] },
      { adopt: { ...adopt, renamedClasses: { Hall: "PageCounter" } } },
      "problem",
      "adopt.renamedClasses names the class Hall, and the script 'tracker' has none of that name (it has Room)",
    ],
    [
      { tag: "first", classes: undefined },
      { adopt },
      "problem",
      "the classes of the script 'tracker' cannot be read, and it cannot be adopted without",
    ],
  ])("%j with %j is %s", (existing, wanted, level, found) => {
    const { verdict, ledger } = judge(existing, wanted);
    expect(verdict).toMatchObject({ level, found });
    expect(ledger).toBe(LEDGER);
  });

  test.each([{ isOwned: false }, { isOwned: true }])(
    "is adopted with a history of its own, in the state: %j",
    (owner) => {
      const renamedClasses = { Room: "PageCounter" };
      const { verdict, ledger } = judge(
        { tag: "first", classes: ["Room"] },
        { ...owner, adopt: { script: "tracker", renamedClasses } },
      );
      expect(verdict.found).toBe(
        "'tracker', at migration tag 'first', is adopted with the objects of Room",
      );
      expect(ledger.map(({ tag }) => tag)).toEqual(["first", "v2"]);
    },
  );

  test("that nobody knows comes with what to do", () => {
    expect(judge({}).verdict.advice).toBe(
      "give this stack a script of its own: pulumi config set scriptName <another name>; " +
        "to take it over with its objects: pulumi config set --path adopt.script tracker (docs/adopt.md); " +
        "if nobody needs it, delete it in the dashboard",
    );
    expect(judge({ tag: "v9" }, { isOwned: true }).verdict.advice).toContain(
      "adopt its objects: pulumi config set --path adopt.script tracker (docs/adopt.md)",
    );
  });
});
