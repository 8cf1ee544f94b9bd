import type { GitHub } from "../github/api.ts";
import { findOurs, type Outcome } from "../github/sticky.ts";
import { driftMarker, driftTitle, hasDrift, renderDriftIssue, type Drift } from "./describe.ts";

/**
 * Keeps one open issue a stack while there is drift, and closes it when there is none.
 * @returns what was done; undefined when nothing was to be done
 */
export async function reportDrift(
  github: GitHub,
  stack: string,
  drift: Drift,
): Promise<Outcome | "closed" | undefined> {
  const open = await github.list("/issues?state=open");
  const issue = findOurs(open, driftMarker(stack), "number");
  if (!hasDrift(drift)) {
    if (issue === undefined) return undefined;
    const path = `/issues/${issue.id}`;
    await github.send("POST", `${path}/comments`, { body: "The two are the same again." });
    await github.send("PATCH", path, { state: "closed", state_reason: "completed" });
    return "closed";
  }
  const body = renderDriftIssue(stack, drift);
  if (issue === undefined) {
    await github.send("POST", "/issues", { title: driftTitle(stack), body });
    return "created";
  }
  if (issue.body === body) return "unchanged";
  await github.send("PATCH", `/issues/${issue.id}`, { body });
  return "updated";
}
