import { addressChanges, isAddress } from "./address-changes.ts";
import type { BundleSize } from "./bundle-size.ts";
import { change, type Change, type Severity } from "./change.ts";
import type { Digest, ResourceChange } from "./digest.ts";
import { say } from "./say.ts";
import { scriptChanges } from "./script-changes.ts";

/** How a preview ends. */
export type Verdict = "none" | "harmless" | "loses" | "destroys" | "failed";

/** Exit codes of `npm run preview`. */
export const EXIT_CODES: { readonly [verdict in Verdict]: number } = {
  none: 0,
  harmless: 0,
  failed: 1,
  destroys: 2,
  loses: 3,
};

/** What a preview says, before it is put in a form. */
export interface Report {
  readonly verdict: Verdict;
  /** In plain words, without a final full stop. */
  readonly headline: string;
  /** What is worst comes first; among equals in the order of topics. */
  readonly changes: readonly Change[];
  readonly errors: readonly string[];
}

/** Types that only group others. */
const GROUPS: ReadonlySet<string> = new Set(["VisitorTracker"]);

const SEVERITIES: readonly Severity[] = ["danger", "warning", "info"];

const VERBS: { readonly [action in ResourceChange["action"]]: string } = {
  create: "created",
  update: "changed",
  replace: "replaced",
  delete: "deleted",
  adopt: "taken over",
  forget: "dropped from the state",
};

export interface DescribeOptions {
  /** Of the bundles before and after, as far as they are known. @default none */
  readonly sizes?: readonly BundleSize[];
  /** Changes that the preview itself cannot show. @default none */
  readonly changes?: readonly Change[];
}

/** Puts a preview in plain words. */
export function describeDigest(digest: Digest, options: DescribeOptions = {}): Report {
  const { resources, errors } = digest;
  const { sizes = [], changes: more = [] } = options;
  const scripts = resources.filter(({ kind }) => kind === "WorkersScript");
  const changes = [
    ...more,
    ...scripts.flatMap((script) => scriptChanges(script, sizes)),
    ...resources.filter(isAddress).flatMap(addressChanges),
    ...resources.flatMap(others),
  ].toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const isFirst = scripts.some(({ action }) => action === "create");
  const verdict = errors.length > 0 ? "failed" : verdictOf(changes);
  return { verdict, headline: headlineOf(verdict, isFirst), changes, errors };
}

function verdictOf(changes: readonly Change[]): Verdict {
  if (changes.length === 0) return "none";
  if (changes.some(({ severity }) => severity === "danger")) return "destroys";
  return changes.some(({ severity }) => severity === "warning") ? "loses" : "harmless";
}

function headlineOf(verdict: Verdict, isFirst: boolean): string {
  if (isFirst && verdict !== "failed" && verdict !== "destroys") return "First deployment";
  const headlines: { readonly [verdict in Verdict]: string } = {
    none: "Nothing changes",
    harmless: "Changes, and nothing is lost",
    loses: "Something that works today stops, or is less safe",
    destroys: "Data is destroyed",
    failed: "The update would not start, and nothing would change",
  };
  return headlines[verdict];
}

/** Everything that the program does not make today, and the provider. */
function others(resource: ResourceChange): Change[] {
  const { kind, name, action, before, after } = resource;
  if (kind === "WorkersScript" || GROUPS.has(kind) || isAddress(resource)) return [];
  if (kind === "Provider") {
    if (action === "create" || action === "delete") return [];
    const [old, fresh] = [before?.["version"], after?.["version"]].map((value) => String(value));
    return [
      change("other", "info", say`The Cloudflare provider changes: ${old ?? ""} → ${fresh ?? ""}`),
    ];
  }
  const isLoss = action === "delete" || action === "replace" || action === "forget";
  const text = say`${kind} ${name} is `;
  return [change("other", isLoss ? "warning" : "info", [...text, VERBS[action]])];
}
