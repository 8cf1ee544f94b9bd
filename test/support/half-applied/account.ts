import { field, list } from "../../../scripts/lib/local-api.ts";
import type { TrialAccount } from "../trial-account.ts";

/** What an operation leaves in the account and in the stack's state, without what differs by run. */
export interface Outcome {
  readonly account: unknown;
  readonly state: unknown;
  /** What an object of the script has stored; null when no address serves it. */
  readonly note: string | null;
}

const ZONE = "visitors.localhost";

/** Says the same of two accounts exactly when visitors and the next update find the same. */
export async function observe(trial: TrialAccount, stack: string): Promise<Outcome> {
  const scripts = list(await trial.api("/accounts/:account/workers/scripts"));
  const zone = trial.cloud.zoneId(ZONE);
  const account = {
    scripts: await Promise.all(scripts.map((script) => describeScript(trial, script))),
    // With their IDs: an object's data is gone when its namespace was made anew.
    namespaces: await trial.api("/accounts/:account/workers/durable_objects/namespaces"),
    routes: pick(await trial.api(`/zones/${zone}/workers/routes`), ["pattern", "script"]),
    domains: pick(await trial.api("/accounts/:account/workers/domains"), ["hostname", "service"]),
    records: pick(await trial.api(`/zones/${zone}/dns_records`), [
      "name",
      "type",
      "content",
      "proxied",
    ]),
  };
  const hosts = [
    ...account.domains.map((domain) => String(field(domain, "hostname"))),
    ...account.routes.map((route) => String(field(route, "pattern")).replace(/\/.*/, "")),
  ];
  const [host] = hosts;
  return {
    account,
    state: describeState(await trial.state(stack)),
    note: host === undefined ? null : await readNote(trial, host),
  };
}

async function describeScript(trial: TrialAccount, script: unknown): Promise<unknown> {
  const name = String(field(script, "id"));
  const path = `/accounts/:account/workers/scripts/${name}`;
  const [settings, subdomain] = await Promise.all(
    [`${path}/settings`, `${path}/subdomain`].map((of) => trial.api(of)),
  );
  return {
    name,
    code: field(script, "etag"),
    migrationTag: field(script, "migration_tag"),
    settings,
    subdomain,
  };
}

/** Also what an update has left unfinished. */
function describeState(state: unknown): unknown {
  const resources = list(field(state, "resources")).map((resource) => {
    const { migrations: _delta, __defaults, ...inputs } = { ...Object(field(resource, "inputs")) };
    const isProvider = String(field(resource, "type")).startsWith("pulumi:providers:");
    return {
      urn: field(resource, "urn"),
      inputs: isProvider ? {} : inputs,
      isPendingDeletion: field(resource, "delete") === true,
    };
  });
  return {
    resources: resources.toSorted((a, b) => (String(a.urn) < String(b.urn) ? -1 : 1)),
    pending: list(field(state, "pending_operations")).map((operation) => [
      field(operation, "type"),
      field(field(operation, "resource"), "urn"),
    ]),
  };
}

function pick(items: unknown, names: readonly string[]): Record<string, unknown>[] {
  return list(items)
    .map((item) => Object.fromEntries(names.map((name) => [name, field(item, name)])))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** At whatever path the script is served. */
async function readNote(trial: TrialAccount, host: string): Promise<string | null> {
  for (const path of ["/note", "/live/note"]) {
    const response = await trial.edge(host, path);
    if (response.ok) return await response.text();
  }
  return null;
}
