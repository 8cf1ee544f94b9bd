import type { Answer } from "../../../infra/src/cloudflare-api.ts";
import { isRecord } from "../../../infra/src/is-record.ts";
import { parseDeployment } from "../../../infra/src/serving.ts";
import type { Site } from "../doctor/account.ts";

/** What runs of a script. */
export type Active =
  | {
      readonly kind: "version";
      readonly id: string;
      readonly since: string;
      readonly tag: string;
    }
  /** The account has no such script. */
  | { readonly kind: "none" }
  | { readonly kind: "unknown"; readonly reason: string };

const ROLLBACK_MESSAGE = "npm run deploy: the smoke test failed";

/** Cloudflare's codes for a script that is not there. */
const NOT_FOUND: readonly (number | null)[] = [10_007, 10_090];

/**
 * Which version of the stack's script gets all requests, and the migration tag that its objects are at.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/
 */
export async function readActive({ api, config }: Site): Promise<Active> {
  const scripts = `/accounts/${config.accountId}/workers/scripts`;
  const [deployments, list] = await Promise.all([
    api.get(`${scripts}/${config.scriptName}/deployments`),
    api.get(scripts),
  ]);
  if (deployments.kind === "refused" && NOT_FOUND.includes(deployments.code)) {
    return { kind: "none" };
  }
  if (deployments.kind !== "given") return unknown(saidBy(deployments));
  if (list.kind !== "given") return unknown(saidBy(list));
  return parseActive(deployments.result, tagOf(list.result, config.scriptName));
}

/**
 * Puts a version back in force: all requests, at once, on all addresses. Its code, bindings and settings
 * come back with it; routes, domains and what objects stored do not.
 * @returns null when it is done, else what the API said
 */
export async function activate({ api, config }: Site, versionId: string): Promise<string | null> {
  const path = `/accounts/${config.accountId}/workers/scripts/${config.scriptName}/deployments`;
  const answer = await api.post(path, {
    strategy: "percentage",
    versions: [{ version_id: versionId, percentage: 100 }],
    annotations: { "workers/message": ROLLBACK_MESSAGE },
  });
  return answer.kind === "given" ? null : saidBy(answer);
}

function parseActive(result: unknown, tag: string): Active {
  const deployment = parseDeployment(result);
  if (deployment === undefined) return { kind: "none" };
  const [only, ...more] = deployment.shares;
  if (only === undefined || more.length > 0) {
    return unknown("requests are split over several versions");
  }
  return { kind: "version", id: only.id, since: deployment.since, tag };
}

function tagOf(scripts: unknown, name: string): string {
  const list = Array.isArray(scripts) ? scripts.filter(isRecord) : [];
  const tag = list.find(({ id }) => id === name)?.["migration_tag"];
  return typeof tag === "string" ? tag : "";
}

function unknown(reason: string): Active {
  return { kind: "unknown", reason };
}

function saidBy(answer: Exclude<Answer, { kind: "given" }>): string {
  if (answer.kind === "unreachable") return `the API cannot be reached: ${answer.reason}`;
  const { status, code, message } = answer;
  return `the API answered ${status}${code === null ? "" : `, ${code}`} ${message}`;
}
