import { describe, expect, test } from "vitest";
import { checkAccount, checkPlan, checkScript, checkSubdomain } from "../lib/doctor/account.ts";
import {
  ACCOUNT,
  Failure,
  fakeSite,
  FORBIDDEN,
  LINK,
  NAMESPACES,
  SCRIPTS,
  SETTINGS,
  SUBDOMAIN,
} from "./doctor-support.ts";

describe("the script", () => {
  test.each([
    [[], false, "ok", "the name 'visitor-tracker' is free"],
    [[{ id: "other", migration_tag: "v9" }], false, "ok", "the name 'visitor-tracker' is free"],
    [
      [{ id: "visitor-tracker", migration_tag: "v2" }],
      true,
      "ok",
      "'visitor-tracker' is deployed, its objects at migration tag 'v2': the newest",
    ],
    [
      [{ id: "visitor-tracker", migration_tag: "v1" }],
      true,
      "ok",
      "'visitor-tracker' is deployed, its objects at migration tag 'v1': the update takes it to 'v2'",
    ],
    [
      [{ id: "visitor-tracker", migration_tag: "v9" }],
      true,
      "problem",
      "the deployed script 'visitor-tracker' is at migration tag 'v9', which this code does not know (it knows v1, v2)",
    ],
    [
      [{ id: "visitor-tracker" }],
      false,
      "problem",
      "the account already has a script 'visitor-tracker' that this stack did not upload: it has no migration tag, with the objects of Room; an update would replace its code and bindings",
    ],
    [
      [{ id: "visitor-tracker" }],
      true,
      "ok",
      "'visitor-tracker' is there without objects; the update makes them",
    ],
    [
      [],
      true,
      "problem",
      "the stack's state has a script, and the account has none called 'visitor-tracker'",
    ],
  ])("among %j, deployed before: %j, is %s", async (scripts, isDeployed, level, found) => {
    const namespaces = [
      { script: "visitor-tracker", class: "Room" },
      { script: "other", class: "Lobby" },
    ];
    const site = await fakeSite({ [SCRIPTS]: scripts, [NAMESPACES]: namespaces }, { isDeployed });
    expect(await checkScript(site)).toMatchObject({ check: "script", level, found });
  });

  test("of someone else may be taken over when the config says so", async () => {
    const values = { adopt: '{"script":"visitor-tracker"}' };
    const answers = { [SCRIPTS]: [{ id: "visitor-tracker" }], [NAMESPACES]: [] };
    expect(await checkScript(await fakeSite(answers, { values }))).toMatchObject({
      level: "ok",
      found: "'visitor-tracker', without a migration tag, is adopted with no objects",
    });
  });

  test("of another stack is told from one of this stack whose state is lost", async () => {
    const scripts = [{ id: "visitor-tracker", migration_tag: "v2" }];
    const findFor = async (stack: string): Promise<string> => {
      const json = { project: "visitor-tracker", stack };
      const settings = { bindings: [{ type: "json", name: "DEPLOYED_BY", json }] };
      const answers = { [SCRIPTS]: scripts, [SETTINGS]: settings, [NAMESPACES]: [] };
      return (await checkScript(await fakeSite(answers))).found;
    };
    expect(await findFor("staging")).toBe(
      "the script 'visitor-tracker' belongs to the stack 'visitor-tracker/staging', and two stacks would overwrite each other's",
    );
    expect(await findFor("prod")).toBe(
      "'visitor-tracker' was uploaded by this stack, whose state has lost it; it is taken over",
    );
  });
});

describe("what the token may not do", () => {
  test("is named, with the link to a token that may", async () => {
    expect(await checkScript(await fakeSite({ [SCRIPTS]: FORBIDDEN }))).toEqual({
      check: "script",
      level: "problem",
      found:
        "the token may not read the account's scripts (403, 10000 Authentication error): it lacks the permission Account, Workers Scripts, Edit, or it is for another account or zone",
      advice: `add the permission, or make a token: ${LINK}`,
    });
  });

  test("does not matter where the update can do without", async () => {
    expect(await checkAccount(await fakeSite({ [`/accounts/${ACCOUNT}`]: FORBIDDEN }))).toEqual({
      check: "account",
      level: "skipped",
      found:
        "the token may not read the account's name (Account, Account Settings, Read), so this is not known",
    });
  });

  test("is not what a busy API says, or one that lacks the endpoint", async () => {
    const busy = await checkScript(
      await fakeSite({ [SCRIPTS]: new Failure(429, 971, "Please wait") }),
    );
    expect([busy.level, busy.found]).toEqual(["warning", "the API answered 429, 971 Please wait"]);
    const site = await fakeSite({ [SCRIPTS]: new Failure(501, 501, "no GET scripts here") });
    expect(await checkScript(site)).toEqual({
      check: "script",
      level: "skipped",
      found: "cannot be checked here: no GET scripts here",
    });
    expect((await checkScript(await fakeSite({}))).found).toBe(
      `the API answered 404, 7003 Could not route to /client/v4${SCRIPTS}, perhaps your object identifier is invalid?`,
    );
  });
});

describe("the account", () => {
  test("is named", async () => {
    const site = await fakeSite({ [`/accounts/${ACCOUNT}`]: { id: ACCOUNT, name: "Example" } });
    expect(await checkAccount(site)).toEqual({
      check: "account",
      level: "ok",
      found: "'Example' can be reached",
    });
  });

  test("has a subdomain for workers.dev", async () => {
    expect(await checkSubdomain(await fakeSite({ [SUBDOMAIN]: { subdomain: "alice" } }))).toEqual({
      check: "workers.dev",
      level: "ok",
      found: "https://visitor-tracker.alice.workers.dev",
    });
  });

  test.each([
    new Failure(404, 10_007, "workers.api.error.subdomain_not_found"),
    new Failure(404, 10_063, "no subdomain"),
    { subdomain: "" },
  ])("that never chose a subdomain is told so: %j", async (answer) => {
    const found = await checkSubdomain(await fakeSite({ [SUBDOMAIN]: answer }));
    expect([found.level, found.found]).toEqual([
      "problem",
      "the account has no subdomain yet, and workersDev needs it",
    ]);
  });

  test.each([
    [FORBIDDEN, "skipped", /^not to be seen by this token, and it need not; /],
    [[{ rate_plan: { id: "workers_paid", public_name: "Workers Paid" } }], "ok", /^Workers Paid; /],
    [[{ rate_plan: { id: "free", public_name: "Free" } }], "ok", /^no paid Workers plan: 100,000 /],
  ])("has a plan, where the token may see it: %j", async (answer, level, found) => {
    const site = await fakeSite({ [`/accounts/${ACCOUNT}/subscriptions`]: answer });
    const plan = await checkPlan(site);
    expect(plan.level).toBe(level);
    expect(plan.found).toMatch(found);
  });
});
