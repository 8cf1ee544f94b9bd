import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { field } from "../scripts/lib/local-api.ts";
import { recordingReporter } from "../scripts/test/support.ts";
import { addNote } from "./support/half-applied/operations.ts";
import { TrialAccount, type CliRun } from "./support/trial-account.ts";

const STACK = "prod";
const SCRIPT = "visitor-tracker";
const HOST = "live.visitors.localhost";
const SETTINGS = {
  allowedOrigins: ["https://example.com"],
  zone: "visitors.localhost",
  route: `${HOST}/*`,
  manageDns: true,
  customDomain: "count.visitors.localhost",
  workersDev: true,
};

/** What docs/recovery.md says about a stack that something happened to. Each step starts from the one before. */
describe("a stack in production", () => {
  let account: TrialAccount;
  let namespaces: unknown;

  beforeAll(async () => {
    account = await TrialAccount.start();
    await addNote(account.checkout);
    await account.init(STACK, SETTINGS);
    await account.up(STACK, "--skip-preview");
    await account.edge(HOST, "/note", { method: "PUT", body: "kept" });
    namespaces = await listNamespaces();
  });
  afterAll(() => account.stop());

  const listNamespaces = (): Promise<unknown> =>
    account.api("/accounts/:account/workers/durable_objects/namespaces");
  const expectAllIsWell = async (): Promise<void> => {
    const preview = await account.pulumi("preview", "--expect-no-changes", "--stack", STACK);
    expect(preview.code, preview.output).toBe(0);
    expect(oneLine(preview)).not.toContain("does not serve what the last update");
    expect(await listNamespaces()).toEqual(namespaces);
    expect(await (await account.edge(HOST, "/note")).text()).toBe("kept");
  };

  test("whose state is lost takes up what is deployed, with all that objects have stored", async () => {
    await rm(join(account.checkout.root, ".local/pulumi/.pulumi/stacks"), { recursive: true });
    const gone = await account.pulumi("up", "--yes", "--stack", STACK);
    expect(gone.output).toContain("no stack named 'prod' found");
    await account.init(STACK, SETTINGS);
    const { output } = await account.up(STACK);
    expect(output).toMatch(/= +cloudflare:index:WorkersRoute visitor-tracker import/);
    expect(output).toMatch(/= +cloudflare:index:DnsRecord visitor-tracker import/);
    await expectAllIsWell();
  });

  test("whose code was deployed by hand says so, and puts its own back", async () => {
    await deployByHand(account);
    expect(await (await account.edge(HOST, "/health")).text()).toBe("by hand");
    expect(oneLine(await account.up(STACK))).toMatch(
      /The script 'visitor-tracker' does not serve what the last update of this stack uploaded: version \S+ serves since \S+ \(\S+\)\. This update replaces it by this stack's version\./,
    );
    expect(await (await account.edge(HOST, "/health")).json()).toMatchObject({ status: "ok" });
    await expectAllIsWell();
  });

  test("whose update was killed is settled by the next npm run deploy, once it is unlocked", async () => {
    const reporter = recordingReporter();
    await account.configure(STACK, { ...SETTINGS, customDomain: "visits.visitors.localhost" });
    const creation = { method: "PUT", path: "/workers/domains$", delayMs: 600_000 };
    await account.killPulumiIn(creation, "up", "--yes", "--skip-preview", "--stack", STACK);
    expect(await account.update(STACK, reporter)).not.toBe(0);
    expect(reporter.lines).toEqual([
      `the last update of stack ${STACK} was interrupted while creating WorkersCustomDomain: refreshing its state`,
    ]);
    const cancel = await account.pulumi("cancel", "--yes", "--stack", STACK);
    expect(cancel.code, cancel.output).toBe(0);
    expect(await account.update(STACK, reporter)).toBe(0);
    expect(field(await account.state(STACK), "pending_operations")).toBeUndefined();
    expect((await account.edge("visits.visitors.localhost", "/health")).status).toBe(200);
    await expectAllIsWell();
  });

  test("that is destroyed in spite of its protection keeps its script, and gets its addresses back", async () => {
    const destroy = ["destroy", "--yes", "--stack", STACK];
    const refused = await account.pulumi(...destroy);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("protected");
    await expectAllIsWell();
    const forced = await account.pulumi(...destroy, "--skip-preview");
    expect(forced.code).not.toBe(0);
    expect((await account.edge(HOST, "/health")).status).not.toBe(200);
    await account.up(STACK, "--skip-preview");
    await expectAllIsWell();
  });
});

/** As somebody does who knows the classes, and not what they are for. */
async function deployByHand({ cloud }: TrialAccount): Promise<void> {
  const code =
    'export class PageCounter {} export class SiteDirectory {} export default { fetch: () => new Response("by hand") };';
  const form = new FormData();
  form.set("worker.js", new Blob([code], { type: "application/javascript+module" }), "worker.js");
  const metadata = { main_module: "worker.js", compatibility_date: "2026-09-01" };
  form.set("metadata", new Blob([JSON.stringify(metadata)], { type: "application/json" }));
  const url = `${cloud.apiUrl}/accounts/${cloud.accountId}/workers/scripts/${SCRIPT}`;
  const headers = { authorization: "Bearer test" };
  const response = await fetch(url, { method: "PUT", headers, body: form });
  expect(response.status, await response.text()).toBe(200);
}

/** The engine breaks and indents long messages. */
function oneLine({ output }: CliRun): string {
  return output.replaceAll(/\s+/g, " ");
}
