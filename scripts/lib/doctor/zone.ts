import { askForZone, hasNoSuchZone } from "../../../infra/src/conflicts/reads.ts";
import { judgeZone, noSuchZone, parseZones, pickZone } from "../../../infra/src/conflicts/zone.ts";
import { ZONE } from "../../../infra/src/permissions.ts";
import type { Site } from "./account.ts";
import { judged, type Finding } from "./finding.ts";
import { unanswered } from "./unanswered.ts";

const CHECK = "zone";

export interface FoundZone {
  readonly finding: Finding;
  /** Null when it is not there, or not in use. */
  readonly id: string | null;
}

/** The zone that the stack's route and custom domain are in. */
export async function findZone(site: Site): Promise<FoundZone> {
  const { api, config, link, isDeployed } = site;
  const { accountId, exposure } = config;
  const host = exposure.customDomain ?? exposure.route?.host ?? "";
  const wanted = exposure.zone;
  const answer = await askForZone(api, wanted, host);
  if (hasNoSuchZone(answer, wanted)) return missing(wanted ?? "");
  if (answer.kind !== "given") {
    const question = { check: CHECK, what: `the zone of ${host}`, permission: ZONE, link };
    return { finding: unanswered(question, answer), id: null };
  }
  const zone = pickZone(parseZones(answer.result), accountId);
  if (zone === undefined) return missing(wanted ?? `of ${host}`);
  const verdict = judgeZone(zone, { accountId, host, isInUse: isDeployed });
  return { finding: judged(CHECK, verdict), id: verdict.level === "problem" ? null : zone.id };
}

function missing(zone: string): FoundZone {
  return { finding: judged(CHECK, noSuchZone(zone)), id: null };
}
