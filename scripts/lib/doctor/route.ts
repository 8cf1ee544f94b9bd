import type { Route } from "../../../infra/src/exposure-config.ts";
import { isRecord } from "../../../infra/src/is-record.ts";
import type { Site } from "./account.ts";
import { describe, readRecords, type AddressRecord } from "./dns.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";
import { WORKERS_ROUTES } from "./permissions.ts";
import { unanswered } from "./unanswered.ts";

/** A route as a zone lists it. */
export interface OtherRoute {
  readonly pattern: string;
  /** Undefined for a route that keeps Workers away. */
  readonly script?: string;
}

/** What the record of a route with `manageDns` holds; see infra/src/exposure.ts. */
const DISCARD_ADDRESS = "100::";

/** Whether the route is free, and nothing takes its requests. */
export async function checkRoute(site: Site, route: Route, zoneId: string): Promise<Finding> {
  const { api, link, config, isDeployed } = site;
  const answer = await api.get(`/zones/${zoneId}/workers/routes`);
  if (answer.kind !== "given") {
    const what = "the zone's routes";
    return unanswered({ check: "route", what, permission: WORKERS_ROUTES, link }, answer);
  }
  const others = Array.isArray(answer.result) ? answer.result.flatMap(parse) : [];
  return judgeRoute(route, others, { scriptName: config.scriptName, isDeployed });
}

/** What other routes of the zone mean for ours: the most specific pattern gets a request. */
export function judgeRoute(
  { pattern, host, basePath }: Route,
  others: readonly OtherRoute[],
  own: { readonly scriptName: string; readonly isDeployed: boolean },
): Finding {
  const same = others.find((other) => other.pattern === pattern);
  if (same !== undefined && same.script !== own.scriptName) {
    return problem(
      "route",
      `'${pattern}' is taken: ${same.script === undefined ? "it keeps Workers away" : `it runs the script '${same.script}'`}`,
      "delete that route in the dashboard (Workers Routes of the zone), or set another route",
    );
  }
  if (same !== undefined && !own.isDeployed) {
    return warning(
      "route",
      `'${pattern}' runs '${own.scriptName}' already, and this stack did not make it: the update would meet 'a route with the same pattern already exists'`,
      "if it is not this stack's from before, delete it in the dashboard; the update makes it again",
    );
  }
  const inside = others.filter(
    (other) => other.script !== own.scriptName && isWithin(other.pattern, host, basePath),
  );
  const [first] = inside;
  if (first !== undefined) {
    return warning(
      "route",
      `'${first.pattern}' (${first.script ?? "no script"}) is more specific than '${pattern}' and takes its requests`,
      "remove it, unless that is what you want",
    );
  }
  return ok("route", same === undefined ? `'${pattern}' is free` : `'${pattern}' is this stack's`);
}

/** Whether a pattern is on the same host and below the same path, and not the route's own. */
function isWithin(other: string, host: string, basePath: string): boolean {
  const pattern = other.replace(/^https?:\/\//, "");
  return pattern.startsWith(`${host}${basePath}/`) && pattern !== `${host}${basePath}/*`;
}

/** Whether the route's host is Cloudflare's to answer. */
export async function checkRouteDns(site: Site, route: Route, zoneId: string): Promise<Finding> {
  const records = await readRecords(site, "DNS", zoneId, route.host);
  return Array.isArray(records) ? judgeDns(route, records, site.isDeployed) : records;
}

function judgeDns(
  { host, manageDns }: Route,
  records: readonly AddressRecord[],
  isDeployed: boolean,
): Finding {
  const [first] = records;
  const isOurs = first?.content === DISCARD_ADDRESS && isDeployed;
  if (manageDns && first !== undefined && !isOurs) {
    return problem(
      "DNS",
      `${host} has a record (${describe(first)}), and manageDns would make another`,
      "take manageDns off (a proxied record is enough), or delete the record",
    );
  }
  if (manageDns)
    return ok("DNS", `the record of ${host} is ${isOurs ? "this stack's" : "made by the update"}`);
  if (first === undefined) {
    return warning(
      "DNS",
      `${host} has no record, so nobody finds the route, unless a wildcard record covers it`,
      "pulumi config set manageDns true, or make a proxied record",
    );
  }
  const proxied = records.find((record) => record.proxied);
  if (proxied !== undefined) return ok("DNS", `${host} is proxied (${describe(proxied)})`);
  return problem(
    "DNS",
    `${host} is not proxied (${describe(first)}), so its requests never reach the route`,
    "turn on the proxy (the orange cloud) for that record in the dashboard",
  );
}

function parse(value: unknown): OtherRoute[] {
  if (!isRecord(value) || typeof value["pattern"] !== "string") return [];
  const { pattern, script } = value;
  return [{ pattern, ...(typeof script === "string" && script !== "" ? { script } : {}) }];
}
