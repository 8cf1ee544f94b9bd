import type { Active } from "./versions.ts";

/** The version to go back to, or why there is none. */
export type RollbackPlan =
  | { readonly versionId: string; readonly since: string }
  | { readonly reason: string };

/**
 * Whether what ran before an update can be put back in force.
 * @see https://developers.cloudflare.com/workers/versions-and-deployments/rollbacks/
 */
export function planRollback(before: Active, after: Active): RollbackPlan {
  if (before.kind === "none")
    return { reason: "this was the first deployment, nothing ran before" };
  if (before.kind === "unknown")
    return { reason: `what ran before is not known: ${before.reason}` };
  if (after.kind === "unknown") return { reason: `what runs now is not known: ${after.reason}` };
  if (after.kind === "none") return { reason: "the account has no such script any more" };
  if (after.id === before.id) {
    return {
      reason:
        "the update uploaded no new version, so the fault is not in the script but in its address (route, domain, DNS), or was there before",
    };
  }
  if (after.tag !== before.tag) {
    return {
      reason: `a Durable Object migration lies between ('${before.tag}' to '${after.tag}'), and Cloudflare puts no version back across one; repair it by another deployment`,
    };
  }
  return { versionId: before.id, since: before.since };
}

/** What a person must know after a version was put back. */
export const AFTER_ROLLBACK: readonly string[] = [
  "The version before runs again, with its own bindings and settings. Routes, domains and stored data are as the update left them.",
  "The next update takes it out of force, also when code and config are the same as now: its preview says so.",
];
