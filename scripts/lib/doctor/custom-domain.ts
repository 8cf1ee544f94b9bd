import { isRecord } from "../../../infra/src/is-record.ts";
import type { Site } from "./account.ts";
import { describe, readRecords } from "./dns.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";
import { WORKERS_SCRIPTS } from "./permissions.ts";
import { unanswered } from "./unanswered.ts";

const CHECK = "custom domain";

/**
 * Whether the host is free for the Worker.
 * @param zoneId null when the zone is not known; its records cannot be read then
 */
export async function checkCustomDomain(
  site: Site,
  hostname: string,
  zoneId: string | null,
): Promise<Finding> {
  const { api, config, link } = site;
  const path = `/accounts/${config.accountId}/workers/domains?hostname=${encodeURIComponent(hostname)}`;
  const answer = await api.get(path);
  if (answer.kind !== "given") {
    const what = "the account's custom domains";
    return unanswered({ check: CHECK, what, permission: WORKERS_SCRIPTS, link }, answer);
  }
  const domains = Array.isArray(answer.result) ? answer.result.filter(isRecord) : [];
  const attached = domains.find((domain) => domain["hostname"] === hostname);
  if (attached !== undefined) return judgeAttached(site, hostname, String(attached["service"]));
  if (zoneId === null) return ok(CHECK, `${hostname} is attached to no Worker`);
  const records = await readRecords(site, CHECK, zoneId, hostname);
  if (!Array.isArray(records)) return records;
  const [first] = records;
  if (first === undefined) return ok(CHECK, `${hostname} is free`);
  return problem(
    CHECK,
    `${hostname} has a DNS record (${describe(first)}), and a custom domain makes its own`,
    "delete the record if nobody needs it, or set another customDomain, or a route on that host",
  );
}

function judgeAttached({ config, isDeployed }: Site, hostname: string, service: string): Finding {
  if (service !== config.scriptName) {
    return problem(
      CHECK,
      `${hostname} is attached to the Worker '${service}'`,
      "detach it in the dashboard (that Worker, Settings, Domains & Routes), or set another customDomain",
    );
  }
  if (isDeployed) return ok(CHECK, `${hostname} is attached to this stack's Worker`);
  return warning(
    CHECK,
    `${hostname} is attached to '${service}' already, and this stack did not do it`,
    "nothing, if it was this stack before; else give the stack another scriptName or customDomain",
  );
}
