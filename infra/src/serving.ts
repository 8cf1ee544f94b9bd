import type { Answer } from "./cloudflare-api.ts";
import { isRecord } from "./is-record.ts";
import { markIn, type UploadMark } from "./stack-mark.ts";

/** What a script answers requests with: its newest deployment. */
export interface Serving {
  readonly deploymentId: string;
  /** RFC 3339. */
  readonly since: string;
  /** Who made it and why, as far as the API tells, such as `wrangler: "Rollback to …"`. */
  readonly madeBy: string;
  readonly versions: readonly ServingVersion[];
}

interface ServingVersion {
  readonly id: string;
  readonly percentage: number;
  /** Undefined when no upload of this code made it. */
  readonly mark: UploadMark | undefined;
}

/**
 * Asks what serves.
 * @param get sends a read to the API
 * @returns undefined when nothing is deployed, or the API answers in a way that nothing follows from; the refusal when it refuses
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/
 */
export async function readServing(
  get: (path: string) => Promise<Answer>,
  { accountId, scriptName }: { readonly accountId: string; readonly scriptName: string },
): Promise<Serving | undefined | Exclude<Answer, { kind: "given" }>> {
  const script = `/accounts/${accountId}/workers/scripts/${scriptName}`;
  const answer = await get(`${script}/deployments`);
  if (answer.kind !== "given") return answer;
  const deployment = parseDeployment(answer.result);
  if (deployment === undefined) return undefined;
  const versions: ServingVersion[] = [];
  for (const share of deployment.shares) {
    const version = await get(`${script}/versions/${share.id}`);
    if (version.kind !== "given") return version;
    const resources = isRecord(version.result) ? version.result["resources"] : undefined;
    const bindings = isRecord(resources) ? resources["bindings"] : undefined;
    if (!Array.isArray(bindings)) return undefined;
    versions.push({ ...share, mark: markIn(bindings) });
  }
  const { deploymentId, since, madeBy } = deployment;
  return { deploymentId, since, madeBy, versions };
}

export interface Deployment {
  readonly deploymentId: string;
  readonly since: string;
  readonly madeBy: string;
  /** One or more; together 100. */
  readonly shares: readonly { readonly id: string; readonly percentage: number }[];
}

/** The deployment in force: the newest is listed first. Undefined when there is none. */
export function parseDeployment(result: unknown): Deployment | undefined {
  const list: unknown = isRecord(result) ? result["deployments"] : undefined;
  const newest: unknown = Array.isArray(list) ? list[0] : undefined;
  if (!isRecord(newest) || !Array.isArray(newest["versions"])) return undefined;
  const shares = newest["versions"].filter(isRecord).flatMap(({ version_id: id, percentage }) => {
    return typeof id === "string" ? [{ id, percentage: Number(percentage) }] : [];
  });
  if (shares.length === 0) return undefined;
  const { id, created_on: since, source, annotations } = newest;
  const message = isRecord(annotations) ? annotations["workers/message"] : undefined;
  const madeBy = [
    typeof source === "string" ? source : "unknown",
    ...(typeof message === "string" ? [JSON.stringify(message)] : []),
  ].join(": ");
  return { deploymentId: String(id), since: String(since), madeBy, shares };
}

/**
 * Whether something else serves than what the stack's state has: a version that was put back, a part
 * of the requests, or what another tool uploaded.
 * @param uploaded the last upload that the state knows of; without a fingerprint, nothing follows
 * @param wanted fingerprint of what is to serve. @default that of the last upload
 */
export function isForeign(
  { versions }: Serving,
  uploaded: UploadMark | undefined,
  wanted: string | undefined = uploaded?.inputs,
): boolean {
  if (uploaded?.inputs === undefined) return false;
  const known = [uploaded.inputs, wanted];
  return versions.some(({ mark }) => !known.includes(mark?.inputs));
}

/** What serves, for people: versions, since when, and by whom. */
export function describeServing({ versions, since, madeBy }: Serving): string {
  const [first, ...more] = versions.map(({ id }) => id);
  const what =
    more.length === 0
      ? `version ${first} serves`
      : `requests are split (${versions.map(({ id, percentage }) => `${percentage} % to version ${id}`).join(", ")})`;
  return `${what} since ${since} (${madeBy})`;
}
