import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uploadForeign } from "./support/foreign-worker.ts";
import type { LocalStack } from "./support/local-stack.ts";
import { unwrapped, WatchedStack } from "./support/watched-stack.ts";

const LEDGER = "infra/src/ledger.ts";
const INPUTS = "infra/src/script-inputs.ts";
const WORKER = "worker/src/index.ts";
const SCRIPT = "visitor-tracker-local";
const DOMAIN = "count.localhost";
const SCRIPTS = "/accounts/:account/workers/scripts";
const DOMAINS = "/accounts/:account/workers/domains";

let refused: WatchedStack;
let stack: LocalStack;
beforeAll(async () => {
  refused = await WatchedStack.start();
  stack = refused.local;
});
afterAll(() => stack.stop());

const zone = (): string => `/zones/${stack.cloud.zoneId("localhost")}`;
const routes = (): string => `${zone()}/workers/routes`;
const records = (): string => `${zone()}/dns_records`;

/** Before the first deployment: each test takes out of the way what the one before has shown. */
describe("an update with something in its way", () => {
  let inTheWay: string[] = [];
  const clear = async (): Promise<void> => {
    for (const path of inTheWay) await stack.api(path, { method: "DELETE" });
    inTheWay = [];
  };

  test("says all of it at once, in previews too: a foreign script, a taken route, a domain in use", async () => {
    await uploadForeign(stack.cloud, "blog");
    await uploadForeign(stack.cloud, SCRIPT, { className: "Room", tag: "v1" });
    const route = { pattern: "localhost/*", script: "blog" };
    const domain = { hostname: DOMAIN, service: "blog" };
    inTheWay = [
      `${routes()}/${await refused.make("POST", routes(), route)}`,
      `${DOMAINS}/${await refused.make("PUT", DOMAINS, domain)}`,
      `${SCRIPTS}/blog`,
      `${SCRIPTS}/${SCRIPT}`,
    ];
    await refused.configure({ customDomain: DOMAIN });
    const texts = [
      "Nothing was changed: 3 things are in the way of stack 'local':",
      `the account already has a script '${SCRIPT}' that this stack did not upload: it is at migration tag 'v1', with the objects of Room; an update would replace its code and bindings`,
      `pulumi config set --path adopt.script ${SCRIPT} (docs/adopt.md)`,
      "the route 'localhost/*' is taken: it runs the script 'blog'",
      "delete that route in the dashboard (Workers Routes of the zone), or set another route",
      `${DOMAIN} is attached to the Worker 'blog'`,
      "detach it in the dashboard (that Worker, Settings, Domains & Routes), or set another customDomain",
    ];
    await refused.shows("preview", ...texts);
    await refused.shows("up", ...texts);
    await clear();
  });

  test("says that a custom domain's host has a DNS record of its own", async () => {
    const record = { name: DOMAIN, type: "A", content: "192.0.2.1", proxied: false, ttl: 300 };
    inTheWay = [`${records()}/${await refused.make("POST", records(), record)}`];
    await refused.shows(
      "preview",
      `${DOMAIN} has a DNS record (A 192.0.2.1, not proxied), and a custom domain makes its own`,
      "delete the record if nobody needs it, or set another customDomain, or a route on that host",
    );
  });

  test("says that manageDns would make a second record of a host", async () => {
    await refused.configure({ route: `${DOMAIN}/*`, manageDns: '"true"' });
    await refused.shows(
      "preview",
      `${DOMAIN} has a DNS record (A 192.0.2.1, not proxied), and manageDns would make another`,
      "take manageDns off (a proxied record is enough), or delete the record",
    );
  });

  test("only warns of a route whose host is not proxied", async () => {
    await refused.configure({ route: `${DOMAIN}/*` });
    const run = await stack.pulumi("preview");
    expect(run.code, run.output).toBe(0);
    expect(unwrapped(run)).toContain(
      `${DOMAIN} is not proxied (A 192.0.2.1, not proxied), so its requests never reach the route; turn on the proxy (the orange cloud) for that record in the dashboard.`,
    );
    await clear();
  });

  test("says that there is no such zone", async () => {
    await refused.configure({ route: "example.com/live/*", zone: "example.com" });
    await refused.shows(
      "preview",
      "there is no zone example.com that this token may see",
      "add the domain to the account in the dashboard",
    );
  });

  test("says that the account has no subdomain of workers.dev", async () => {
    await refused.configure({});
    const missing = { status: 404, code: 10_007, message: "subdomain_not_found" };
    stack.cloud.faults.add({ path: "/workers/subdomain$", times: 2, ...missing });
    await refused.shows(
      "preview",
      "the account has no subdomain of workers.dev yet, and workersDev needs it",
      "choose one in the dashboard (Workers & Pages, once for the account), or set workersDev to false",
    );
    stack.cloud.faults.clear();
  });

  test("says what the token may not read, and goes on", async () => {
    const forbidden = { method: "GET", status: 403, code: 10_000, times: 2 };
    stack.cloud.faults.add({ ...forbidden, path: "/workers/routes" });
    const run = await stack.up();
    stack.cloud.faults.clear();
    expect(unwrapped(run)).toContain(
      "Not checked for conflicts, and the update goes on: the zone's routes (the API token lacks the permission Zone, Workers Routes, Edit).",
    );
  });
});

/** Each step starts from what the one before has left. */
describe("an update that would destroy objects", () => {
  test("is refused when the script is renamed, and when the account changes", async () => {
    const toGoOn = `To go on, say so: pulumi config set allowDataLoss ${SCRIPT} (a protected script first needs an update with: pulumi config set protect false).`;
    await refused.configure({ scriptName: "renamed" });
    await refused.shows(
      "up",
      `This update would replace the script '${SCRIPT}' by 'renamed': Cloudflare destroys the old script with all its Durable Objects and disconnects their visitors. To keep it, go back: pulumi config set scriptName ${SCRIPT}. ${toGoOn}`,
    );
    await refused.configure({ accountId: `"${"f".repeat(32)}"` });
    await refused.shows(
      "up",
      `This update would move the script '${SCRIPT}' to another account: Cloudflare destroys the old script with all its Durable Objects and disconnects their visitors. To keep it, go back: pulumi config set accountId <the account before>. ${toGoOn}`,
    );
  });

  test("is refused when the code names a class that the ledger does not make", async () => {
    await refused.configure({});
    await stack.checkout.edit(INPUTS, '"PageCounter"', '"PageRoom"');
    await refused.shows(
      "preview",
      "Nothing was changed: the migration ledger (infra/src/ledger.ts) is wrong:",
      "the code is bound to the class PageRoom, which the ledger does not make (it makes PageCounter, SiteDirectory): for a renamed class append an entry with renamedClasses, which keeps its objects; for one more, an entry with newSqliteClasses",
    );
    await stack.checkout.edit(INPUTS, '"PageRoom"', '"PageCounter"');
  });

  test("is refused when the deployed tag is not in the ledger, and told how to adopt", async () => {
    await stack.checkout.edit(LEDGER, 'tag: "v2"', 'tag: "v2-rewritten"');
    await refused.shows(
      "preview",
      `the deployed script '${SCRIPT}' is at migration tag 'v2', which this code does not know (it knows v1, v2-rewritten)`,
      `if another project did, adopt its objects: pulumi config set --path adopt.script ${SCRIPT} (docs/adopt.md)`,
    );
    await stack.checkout.edit(LEDGER, 'tag: "v2-rewritten"', 'tag: "v2"');
  });

  test("goes on when a class is renamed by the ledger, and its objects stay", async () => {
    const before = await refused.namespaces();
    await appendToLedger(
      '{ tag: "v3", renamedClasses: [{ from: "PageCounter", to: "PageRoom" }] }',
    );
    await stack.checkout.edit(INPUTS, '"PageCounter"', '"PageRoom"');
    await stack.checkout.edit(WORKER, "{ PageCounter }", "{ PageCounter as PageRoom }");
    await stack.up();
    const renamed = before.map((one) =>
      one.class === "PageCounter" ? { ...one, class: "PageRoom", name: `${SCRIPT}_PageRoom` } : one,
    );
    expect(await refused.namespaces()).toEqual(renamed);
    await refused.showsNoChanges();
  });

  test("is refused when the ledger deletes a class, unless allowDataLoss names it", async () => {
    await appendToLedger('{ tag: "v4", newSqliteClasses: ["Archive"] }');
    await stack.checkout.edit(WORKER, "as PageRoom }", "as PageRoom, PageCounter as Archive }");
    await stack.up();
    await appendToLedger('{ tag: "v5", deletedClasses: ["Archive"] }');
    await stack.checkout.edit(WORKER, ", PageCounter as Archive", "");
    await refused.shows(
      "up",
      "This update would delete the Durable Object class Archive, and Cloudflare destroys all its objects. Nothing was changed.",
      "To keep them under another name, write renamedClasses instead of deletedClasses in that entry of the ledger.",
      "To go on, say so: pulumi config set allowDataLoss Archive",
    );
    await refused.configure({ allowDataLoss: "Archive" });
    await stack.up();
    expect((await refused.namespaces()).map((one) => one.class)).not.toContain("Archive");
  });
});

describe("a protected script", () => {
  test("is not destroyed by the engine", async () => {
    await refused.configure({ protect: '"true"' });
    await stack.up();
    const before = await refused.namespaces();
    const run = await stack.pulumi("destroy", "--yes");
    expect(run.code, run.output).not.toBe(0);
    expect(unwrapped(run)).toMatch(
      /WorkersScript::visitor-tracker" cannot be deleted because it is protected\. To unprotect the resource, either remove the `protect` flag/,
    );
    expect(await refused.namespaces()).toEqual(before);
  });

  test("is not renamed on purpose", async () => {
    await refused.configure({ protect: '"true"', scriptName: "renamed", allowDataLoss: SCRIPT });
    await refused.shows(
      "up",
      `allowDataLoss: '${SCRIPT}' has no effect while the script is protected; take the protection off in an update of its own first`,
    );
  });

  test("is not renamed by the update that takes the protection off", async () => {
    await refused.configure({ scriptName: "renamed", allowDataLoss: SCRIPT });
    await refused.shows(
      "up",
      `The script '${SCRIPT}' is protected, and its protection must be taken off in an update of its own. Nothing was changed.`,
    );
  });

  test("is renamed on purpose by the update after that one", async () => {
    await refused.configure({});
    await stack.up();
    await refused.configure({ scriptName: "renamed", allowDataLoss: SCRIPT });
    await stack.up();
    expect(await stack.api(SCRIPTS)).toMatchObject([{ id: "renamed" }]);
  });
});

function appendToLedger(entry: string): Promise<void> {
  return stack.checkout.edit(LEDGER, "\n];", `\n  ${entry},\n];`);
}
