import { describe, expect, test } from "vitest";
import { type TestCloud, startTestCloud } from "./support/cloud.ts";
import { replay } from "./support/replay.ts";

/**
 * What terraform-provider-cloudflare itself sends, recorded against the local cloud while it ran its whole
 * cycle of plan, apply, refresh and import: it was content with the answers that are compared here.
 */
const SCRIPTS = "/accounts/:account/workers/scripts";
const HOST = "app.local.workers.dev";

/** What serves and what it has, as the documented endpoints say it. */
async function settingsOf(cloud: TestCloud): Promise<{ bindings: string[]; tag: string | null }> {
  const settings = await cloud.api("GET", `${SCRIPTS}/app/settings`);
  const list = await cloud.api<{ id: string; migration_tag?: string }[]>("GET", SCRIPTS);
  return {
    bindings: settings.result.bindings.map(({ name }) => name),
    tag: list.result.find(({ id }) => id === "app")?.migration_tag ?? null,
  };
}

async function classesOf(cloud: TestCloud): Promise<string[]> {
  const { result } = await cloud.api<{ id: string; class: string }[]>(
    "GET",
    "/accounts/:account/workers/durable_objects/namespaces",
  );
  return result.map((entry) => `${entry.class} ${entry.id}`);
}

test("a script's life: its class is made, renamed with its storage, and deleted", async () => {
  const cloud = await startTestCloud();
  const { step, end } = replay(cloud, "script");
  await step("creates the script with its class; no date of compatibility is given");
  await cloud.api("POST", `${SCRIPTS}/app/subdomain`, { enabled: true });
  expect((await cloud.visit(HOST)).text).toBe("one 1");
  const [, settings, content] = await step("refreshes the script");
  expect(JSON.parse(settings?.text ?? "").result).toMatchObject({
    placement: {},
    tail_consumers: null,
  });
  expect(JSON.parse(settings?.text ?? "").result).not.toHaveProperty("limits");
  expect(content?.text).toContain('name="worker.js"; filename="worker.js"');
  expect(content?.text).toContain('return new Response("one " + count);');
  await step("uploads other code with the same migrations, which is refused");
  expect((await cloud.visit(HOST)).text).toBe("one 2");
  await step("updates code, bindings and settings without migrations");
  expect((await cloud.visit(HOST)).text).toBe("two 3");
  expect(await settingsOf(cloud)).toEqual({ bindings: ["ORIGINS", "ROOM"], tag: "v1" });
  await step("refreshes the script again");
  const [room = ""] = await classesOf(cloud);
  await step("renames the class and adds a secret");
  expect((await cloud.visit(HOST)).text).toBe("three 4");
  expect(await classesOf(cloud)).toEqual([room.replace("Room", "Hall")]);
  expect(await settingsOf(cloud)).toEqual({ bindings: ["KEY", "ORIGINS", "ROOM"], tag: "v2" });
  const [, secret] = await step("refreshes the script with the secret");
  expect(secret?.text).not.toContain("hush");
  await step("leaves the secret to the account");
  expect(await settingsOf(cloud)).toEqual({ bindings: ["KEY", "ROOM"], tag: "v2" });
  await step("deletes the class together with its binding, which is refused");
  expect((await cloud.visit(HOST)).text).toBe("four 5");
  await step("drops the bindings");
  expect(await settingsOf(cloud)).toEqual({ bindings: [], tag: "v2" });
  await step("deletes the class");
  expect((await cloud.visit(HOST)).text).toBe("five");
  expect(await classesOf(cloud)).toEqual([]);
  await step("refreshes the script without bindings");
  const [code] = await step("imports the script");
  expect(code?.text).toContain('new Response("five")');
  await step("deletes the script");
  expect((await cloud.visit(HOST)).status).toBe(530);
  await step("finds the script gone");
  await step("does not find the script to import");
  end();
});

describe("what leads to a script", () => {
  test("is made, found, changed and deleted, and the edge follows", async () => {
    const cloud = await startTestCloud();
    const { step, end } = replay(cloud, "triggers");
    const cycle = async (what: string): Promise<void> => {
      for (const does of ["creates", "refreshes", "changes", "imports"])
        await step(`${does} ${what}`);
    };
    const answers = async (host: string, path = "/"): Promise<boolean> =>
      (await cloud.visit(host, path)).text === "app";
    await step("creates the script");
    await cycle("the address on workers.dev");
    expect(await answers(HOST)).toBe(true);
    await step("deletes the address on workers.dev");
    await step("finds the address on workers.dev off");
    expect(await answers(HOST)).toBe(false);
    await cycle("the cron triggers");
    const { result } = await cloud.api<{ schedules: { cron: string }[] }>(
      "GET",
      `${SCRIPTS}/app/schedules`,
    );
    expect(result.schedules.map(({ cron }) => cron)).toEqual(["0 0 * * *", "*/5 * * * *"]);
    await cycle("the DNS record");
    await cycle("the route");
    expect(await answers("www.localhost", "/live/now")).toBe(true);
    expect(await answers("www.localhost")).toBe(false);
    const { journal } = cloud;
    const before = journal.length;
    await step("is refused a second route of that pattern, and does not try again");
    expect(journal.slice(before).map(({ status }) => status)).toEqual([409]);
    await cycle("the custom domain");
    expect([await answers("one.localhost"), await answers("two.localhost")]).toEqual([false, true]);
    await step("deletes the custom domain");
    await step("finds the custom domain gone");
    expect(await answers("two.localhost")).toBe(false);
    await step("deletes the route");
    await step("finds the route gone");
    expect(await answers("www.localhost", "/live/now")).toBe(false);
    await step("deletes the DNS record");
    await step("finds the DNS record gone");
    end();
  });
});

test("a Worker of the newer API: its versions are deployed one alone and both by percentage", async () => {
  const cloud = await startTestCloud();
  const { step, end } = replay(cloud, "versions");
  await step("creates the Worker, of which it says the name alone");
  await step("refreshes the Worker");
  await step("changes the Worker");
  await step("imports the Worker");
  await step("creates a version that has code alone");
  const [version] = await step("refreshes the version");
  for (const field of ["bindings", "compatibility_date", "compatibility_flags", "limits"]) {
    expect(JSON.parse(version?.text ?? "").result).not.toHaveProperty(field);
  }
  expect((await cloud.visit(HOST)).status).toBe(530);
  await step("deploys the version");
  expect((await cloud.visit(HOST)).text).toBe("one");
  await step("refreshes the deployment");
  await step("creates a second version, with bindings in another order than the API's");
  const [second] = await step("refreshes the second version");
  const { bindings } = JSON.parse(second?.text ?? "").result;
  expect(bindings).toEqual([
    { type: "secret_text", name: "KEY" },
    { type: "plain_text", name: "MODE", text: "live" },
    { type: "version_metadata", name: "VERSION" },
  ]);
  expect((await cloud.visit(HOST)).text).toBe("one");
  await step("imports the second version");
  await step("deploys both versions");
  const { result } = await cloud.api("GET", `${SCRIPTS}/app/deployments`);
  expect(result.deployments[0]?.versions.map(({ percentage }) => percentage)).toEqual([1, 99]);
  await step("imports the first deployment");
  await step("deletes the Worker");
  expect((await cloud.visit(HOST)).status).toBe(530);
  await step("finds the Worker gone");
  await step("finds the version gone");
  await step("finds the deployment gone");
  end();
});

test("lookups of zones, scripts and what leads to them", async () => {
  const cloud = await startTestCloud();
  const { step, end } = replay(cloud, "lookups");
  const [list, one] = await step("looks a zone up by its name");
  expect(JSON.parse(list?.text ?? "").result).toEqual([JSON.parse(one?.text ?? "").result]);
  await step("looks a zone up by its id");
  const [, next] = await step("lists zones of a name in the account");
  expect(JSON.parse(next?.text ?? "").result).toEqual([]);
  await step("does not find a zone");
  await step("lists scripts where there are none");
  await step("creates the script");
  await step("lists scripts");
  await step("lists Workers");
  for (const what of ["cron triggers", "address on workers.dev"]) await step(`reads the ${what}`);
  for (const what of ["routes", "custom domains", "DNS records"]) await step(`lists ${what}`);
  await step("reads the account");
  end();
});

test("a request that is repeated after a failure or a lost answer is done once", async () => {
  const cloud = await startTestCloud();
  const { step, end } = replay(cloud, "retries");
  cloud.faults.add({ method: "PUT", path: "/scripts/app$", drop: true, after: true });
  await step("repeats an upload that was applied although its answer was lost, and is refused");
  expect(await settingsOf(cloud)).toEqual({ bindings: ["ROOM"], tag: "v1" });
  cloud.faults.add({ method: "PUT", path: "/scripts/app$", status: 500 });
  await step("repeats an upload after 500, without the migrations that are deployed");
  expect((await cloud.api("GET", `${SCRIPTS}/app/versions`)).result.items).toHaveLength(2);
  cloud.faults.add({ method: "POST", path: "/routes$", status: 429, retryAfter: 0, times: 2 });
  await step("repeats a route twice after 429");
  cloud.faults.add({ method: "POST", path: "/dns_records$", drop: true, after: true });
  await step("repeats a DNS record whose answer was lost, and is refused");
  const zone = `/zones/${cloud.zoneId("localhost")}`;
  for (const list of ["workers/routes", "dns_records"]) {
    expect((await cloud.api("GET", `${zone}/${list}`)).result).toHaveLength(1);
  }
  end();
});

test("refusals are answered once each, with the codes that the provider shows", async () => {
  const cloud = await startTestCloud();
  const { step, end } = replay(cloud, "refusals");
  await step("creates the Worker");
  const codes: number[] = [];
  for (const what of [
    "a version with migrations",
    "a version that binds a class that was never made",
    "a Worker of a name that is taken",
    "cron triggers of no script",
    "a custom domain in no zone of the account",
    "a route of another zone",
    "a deployment of a version that is not there",
    "a script with a syntax error",
  ]) {
    const [answer] = await step(what);
    codes.push(JSON.parse(answer?.text ?? "").errors[0].code);
  }
  expect(codes).toEqual([10211, 10061, 10040, 10007, 100115, 10022, 100146, 10021]);
  end();
});
