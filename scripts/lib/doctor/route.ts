import { judgeRouteDns } from "../../../infra/src/conflicts/dns.ts";
import { askForRoutes } from "../../../infra/src/conflicts/reads.ts";
import { judgeRoute, parseRoutes } from "../../../infra/src/conflicts/route.ts";
import type { Route } from "../../../infra/src/exposure-config.ts";
import { WORKERS_ROUTES } from "../../../infra/src/permissions.ts";
import type { Site } from "./account.ts";
import { readRecords } from "./dns.ts";
import { judged, type Finding } from "./finding.ts";
import { unanswered } from "./unanswered.ts";

/** Whether the route is free, and nothing takes its requests. */
export async function checkRoute(site: Site, route: Route, zoneId: string): Promise<Finding> {
  const { api, link, config, isDeployed } = site;
  const answer = await askForRoutes(api, zoneId);
  if (answer.kind !== "given") {
    const what = "the zone's routes";
    return unanswered({ check: "route", what, permission: WORKERS_ROUTES, link }, answer);
  }
  const owner = { scriptName: config.scriptName, isOwned: isDeployed };
  return judged("route", judgeRoute(route, parseRoutes(answer.result), owner));
}

/** Whether the route's host is Cloudflare's to answer. */
export async function checkRouteDns(site: Site, route: Route, zoneId: string): Promise<Finding> {
  const records = await readRecords(site, "DNS", zoneId, route.host);
  if (!Array.isArray(records)) return records;
  return judged("DNS", judgeRouteDns(route, records, site.isDeployed));
}
