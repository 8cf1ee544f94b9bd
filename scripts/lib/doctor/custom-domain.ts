import { judgeCustomDomain, serviceOf } from "../../../infra/src/conflicts/custom-domain.ts";
import { askForDomains } from "../../../infra/src/conflicts/reads.ts";
import { WORKERS_SCRIPTS } from "../../../infra/src/permissions.ts";
import type { Site } from "./account.ts";
import { readRecords } from "./dns.ts";
import { judged, type Finding } from "./finding.ts";
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
  const { api, config, link, isDeployed } = site;
  const answer = await askForDomains(api, config.accountId, hostname);
  if (answer.kind !== "given") {
    const what = "the account's custom domains";
    return unanswered({ check: CHECK, what, permission: WORKERS_SCRIPTS, link }, answer);
  }
  const owner = { scriptName: config.scriptName, isOwned: isDeployed };
  const service = serviceOf(answer.result, hostname);
  const isAttached = service !== undefined;
  const records =
    zoneId === null || isAttached ? [] : await readRecords(site, CHECK, zoneId, hostname);
  if (!Array.isArray(records)) return records;
  return judged(CHECK, judgeCustomDomain(hostname, service, records, owner));
}
