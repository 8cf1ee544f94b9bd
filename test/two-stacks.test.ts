import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { field, list } from "../scripts/lib/local-api.ts";
import { Visitor } from "../scripts/visitor.ts";
import { addNote, WORKER } from "./support/half-applied/operations.ts";
import { TrialAccount } from "./support/trial-account.ts";

const SITE = "https://example.com";
const PAGE = "/posts/hello";
const HOSTS = { prod: "count.visitors.localhost", staging: "staging.visitors.localhost" };

/** Stacks of one project on one account, as a team has them. Each step starts from the one before. */
describe("two stacks on one account", () => {
  let account: TrialAccount;
  let visitors: Visitor[];
  let before: unknown;

  beforeAll(async () => {
    account = await TrialAccount.start();
    await addNote(account.checkout);
    await account.init("prod", settings({ customDomain: HOSTS.prod }));
    await account.init("staging", settings({ route: `${HOSTS.staging}/*`, manageDns: true }));
    await account.up("prod", "--skip-preview");
    await account.up("staging", "--skip-preview");
    await account.edge(HOSTS.prod, "/note", { method: "PUT", body: "of prod" });
    await account.edge(HOSTS.staging, "/note", { method: "PUT", body: "of staging" });
    visitors = [await join(HOSTS.prod), await join(HOSTS.prod)];
    await Promise.all(visitors.map((visitor) => visitor.sees(2)));
    before = await everythingOf("visitor-tracker");
  });
  afterAll(async () => {
    for (const visitor of visitors) visitor.kill();
    await account.stop();
  });

  const join = (host: string): Promise<Visitor> =>
    Visitor.join(account.cloud.edgeUrl, {
      page: PAGE,
      userId: randomUUID(),
      origin: SITE,
      headers: { "x-emulator-host": host },
      query: { v: "2" },
    });

  const note = async (host: string): Promise<string> =>
    await (await account.edge(host, "/note")).text();

  /** All that the account has of a script, with when it was last changed. */
  const everythingOf = async (name: string): Promise<unknown> => {
    const script = `/accounts/:account/workers/scripts/${name}`;
    const of = async (path: string, key: string): Promise<unknown[]> =>
      list(await account.api(path)).filter((item) => field(item, key) === name);
    return {
      script: await of("/accounts/:account/workers/scripts", "id"),
      settings: await account.api(`${script}/settings`),
      namespaces: await of("/accounts/:account/workers/durable_objects/namespaces", "script"),
      domains: await of("/accounts/:account/workers/domains", "service"),
      routes: await of(
        `/zones/${account.cloud.zoneId("visitors.localhost")}/workers/routes`,
        "script",
      ),
    };
  };

  /** The connections of before are open, and a guest changes what they are told. */
  const expectProdUntouched = async (): Promise<void> => {
    expect(await everythingOf("visitor-tracker")).toEqual(before);
    expect(await note(HOSTS.prod)).toBe("of prod");
    const guest = await join(HOSTS.prod);
    await Promise.all(visitors.map((visitor) => visitor.sees(3)));
    await guest.leave();
    await Promise.all(visitors.map((visitor) => visitor.sees(2)));
  };

  test("have scripts, objects and counts of their own", async () => {
    const visitor = await join(HOSTS.staging);
    await visitor.sees(1);
    await visitor.leave();
    expect(await note(HOSTS.staging)).toBe("of staging");
    await expectProdUntouched();
  });

  test("changed code and origins of one do not reach the other, nor its connections", async () => {
    await account.checkout.edit(WORKER, "there is nothing at", "here is nothing at");
    await account.configure("staging", {
      ...settings({ route: `${HOSTS.staging}/*`, manageDns: true }),
      allowedOrigins: [SITE, "https://staging.example.com"],
    });
    await account.up("staging", "--skip-preview");
    const texts = Object.values(HOSTS).map(async (host) =>
      (await account.edge(host, "/nowhere")).text(),
    );
    expect(await Promise.all(texts)).toEqual([
      expect.stringContaining("there is nothing at"),
      expect.stringContaining('"here is nothing at'),
    ]);
    expect(await note(HOSTS.staging)).toBe("of staging");
    await expectProdUntouched();
  });

  test("a stack of a pull request comes and goes without touching the others", async () => {
    await account.init("pr-12", settings({ route: "pr-12.visitors.localhost/*", manageDns: true }));
    await account.up("pr-12", "--skip-preview");
    const visitor = await join("pr-12.visitors.localhost");
    await visitor.sees(1);
    visitor.kill();
    const staging = await everythingOf("visitor-tracker-staging");
    expect(
      (await account.pulumi("destroy", "--yes", "--skip-preview", "--stack", "pr-12")).code,
    ).toBe(0);
    expect((await account.pulumi("stack", "rm", "pr-12", "--yes")).code).toBe(0);
    expect(await everythingOf("visitor-tracker-staging")).toEqual(staging);
    await expectProdUntouched();
  });

  test("the name of the other's script is refused, and nothing changes", async () => {
    const staging = await everythingOf("visitor-tracker-staging");
    await account.init("second", {
      allowedOrigins: [SITE],
      scriptName: "visitor-tracker",
      workersDev: true,
    });
    const refused = await account.pulumi("up", "--yes", "--stack", "second");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(
      "the script 'visitor-tracker' belongs to the stack 'visitor-tracker/prod', and two stacks would overwrite each other's",
    );
    expect(refused.output).toContain("pulumi config set scriptName <another name>");
    expect(refused.output).toContain("Nothing was changed");
    expect(refused.output).not.toMatch(/^\s+at .*\.ts:\d+/m);
    expect(await everythingOf("visitor-tracker-staging")).toEqual(staging);
    await expectProdUntouched();
  });

  test("one is destroyed, and the other's objects, routes and connections go on", async () => {
    expect(
      (await account.pulumi("destroy", "--yes", "--skip-preview", "--stack", "staging")).code,
    ).toBe(0);
    expect(list(await account.api("/accounts/:account/workers/scripts"))).toHaveLength(1);
    await expectProdUntouched();
  });

  test("production is protected: a destroy of it is refused, and it goes on", async () => {
    const refused = await account.pulumi("destroy", "--yes", "--stack", "prod");
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("protect");
    await expectProdUntouched();
  });
});

function settings(address: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { allowedOrigins: [SITE], zone: "visitors.localhost", ...address };
}
