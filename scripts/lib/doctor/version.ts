import { WORKERS_SCRIPTS } from "../../../infra/src/permissions.ts";
import { describeServing, isForeign, readServing } from "../../../infra/src/serving.ts";
import type { UploadMark } from "../../../infra/src/stack-mark.ts";
import type { Site } from "./account.ts";
import { ok, skipped, warning, type Finding } from "./finding.ts";
import { unanswered } from "./unanswered.ts";

const CHECK = "version";

/**
 * Whether what serves is what this stack uploaded last, and not a version that somebody put back or
 * another tool uploaded.
 * @param uploaded what the state has of the last upload
 */
export async function checkVersion(
  { api, config, link }: Site,
  uploaded: UploadMark | undefined,
): Promise<Finding> {
  if (uploaded?.inputs === undefined) {
    return skipped(CHECK, "the state does not say what was uploaded last, so this is not known");
  }
  const serving = await readServing((path) => api.get(path), config);
  if (serving === undefined) return skipped(CHECK, "the API does not say which one serves");
  if (!("versions" in serving)) {
    const what = "which version serves";
    const question = { check: CHECK, what, permission: WORKERS_SCRIPTS, link, isOptional: true };
    return unanswered(question, serving);
  }
  if (!isForeign(serving, uploaded)) return ok(CHECK, describeServing(serving));
  return warning(
    CHECK,
    `not the one that this stack uploaded last: ${describeServing(serving)}`,
    "an update puts this stack's in its place: npm run deploy; to keep it, let code and config say the same first",
  );
}
