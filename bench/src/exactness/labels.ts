import type { Kind } from "./generate.ts";
import { GARBAGE, KILLS, SILENCES, type Step } from "./steps.ts";
import type { Terms } from "./terms.ts";

/** How a step is called where it is counted, such as `kill rst`. */
export function labelOf(step: Step): string {
  if (step.do === "join") return `join ${step.observe ? "observer" : step.client}`;
  if (step.do === "kill" || step.do === "silence") return `${step.do} ${step.how}`;
  if (step.do === "garbage") return `garbage ${step.what}`;
  if (step.do === "clock") return step.byMs > 0 ? "clock forward" : "clock back";
  return step.do;
}

/** What must have happened at least once in a run in which these kinds of things may. */
export function expectedLabels(kinds: readonly Kind[], terms: Terms): string[] {
  const isPossible = (kind: Kind): boolean => {
    if (kind === "join") return false;
    if (kind === "garbage" || kind === "flood") return terms.isGuarded;
    return terms.hasPings || (kind !== "ping" && kind !== "observers");
  };
  return kinds.filter(isPossible).flatMap((kind) => labelsOf(kind, terms));
}

function labelsOf(kind: Kind, { tabsPerVisitor, shards }: Terms): readonly string[] {
  if (kind === "kill") return KILLS.map((how) => `kill ${how}`);
  if (kind === "silence") return SILENCES.map((how) => `silence ${how}`);
  if (kind === "garbage") return GARBAGE.map((what) => `garbage ${what}`);
  if (kind === "clock") return ["clock forward", "clock back"];
  if (kind === "observers") return ["join observer"];
  if (kind === "rude") return ["ghost"];
  if (kind === "contract" || kind === "ping") return [`join ${kind}`];
  if (kind === "tabs") {
    return ["join another tab", ...(tabsPerVisitor === null ? [] : ["join beyond the limit"])];
  }
  if (kind === "sleep" && shards > 1) return ["sleep", "sleep of a shard", "moved"];
  return [kind];
}
