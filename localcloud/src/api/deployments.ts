import type { Deployment as DeploymentView } from "cloudflare/resources/workers/scripts/deployments";
import { readAnnotations } from "../deploy/annotations.ts";
import { createDeployment, removeDeployment } from "../deploy/deployments.ts";
import { ERRORS, fail } from "../errors.ts";
import { parseJson } from "../http/json.ts";
import { type Handler, clientOf, ok, page } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import { USER_EMAIL } from "../model/ids.ts";
import type { DeployedVersion, Deployment } from "../model/state.ts";
import { findScript } from "./scripts.ts";

/**
 * Newest first: the first one serves.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/methods/list/
 */
export const listDeployments: Handler<{ deployments: DeploymentView[] }> = ({
  cloud,
  params,
  query,
}) => {
  const { deployments } = findScript(cloud.store.state, params["script"]);
  const [since, until] = [timeOf(query.get("since")), timeOf(query.get("until"))];
  const within = deployments.filter(({ createdOn }) => {
    const time = Date.parse(createdOn);
    return time >= (since ?? time) && time <= (until ?? time);
  });
  const { result, resultInfo } = page(within, query);
  return { result: { deployments: result.map(deploymentView) }, resultInfo };
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/methods/get/ */
export const getDeployment: Handler<DeploymentView> = ({ cloud, params }) => {
  const { deployments } = findScript(cloud.store.state, params["script"]);
  const id = params["deployment"] ?? "";
  return ok(
    deploymentView(
      deployments.find((deployment) => deployment.id === id) ??
        fail(ERRORS.DEPLOYMENT_NOT_FOUND, { id }),
    ),
  );
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/methods/create/ */
export const postDeployment: Handler<DeploymentView> = async (request) => {
  const { cloud, params, query, headers, body } = request;
  const { name } = findScript(cloud.store.state, params["script"]);
  const wanted = parseJson(body.toString("utf8"));
  if (!isRecord(wanted)) return invalid("The body must be a JSON object.");
  if (wanted["strategy"] !== "percentage") {
    return invalid(`strategy: ${JSON.stringify(wanted["strategy"])}; use 'percentage'.`);
  }
  const deployment = await createDeployment(cloud, {
    script: name,
    versions: readShares(wanted["versions"]),
    annotations: readAnnotations(wanted["annotations"]),
    source: clientOf(headers),
    force: query.get("force") === "true",
  });
  return ok(deploymentView(deployment));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/deployments/methods/delete/ */
export const deleteDeployment: Handler<null> = async ({ cloud, params }) => {
  const { name } = findScript(cloud.store.state, params["script"]);
  await removeDeployment(cloud, name, params["deployment"] ?? "");
  return ok(null);
};

function deploymentView({
  id,
  createdOn,
  source,
  annotations,
  versions,
}: Deployment): DeploymentView {
  return {
    id,
    created_on: createdOn,
    source,
    strategy: "percentage",
    author_email: USER_EMAIL,
    annotations,
    versions: versions.map(({ id: version_id, percentage }) => ({ version_id, percentage })),
  };
}

function readShares(value: unknown): [DeployedVersion, ...DeployedVersion[]] {
  const [first, ...rest] = Array.isArray(value) ? value.map(readShare) : [];
  if (first === undefined) return invalid("versions must be a list of at least one version.");
  const shares: [DeployedVersion, ...DeployedVersion[]] = [first, ...rest];
  const sum = shares.reduce((total, { percentage }) => total + percentage, 0);
  // Shares such as 33.3, 33.3 and 33.4 do not add up exactly in binary.
  if (Math.abs(sum - 100) > 1e-6)
    return invalid(`The percentages make ${sum}; they must make 100.`);
  const twice = shares.find(
    ({ id }, index) => shares.findIndex((other) => other.id === id) < index,
  );
  if (twice !== undefined) return invalid(`versions names '${twice.id}' more than once.`);
  return shares;
}

function readShare(value: unknown, index: number): DeployedVersion {
  const { version_id: id, percentage } = isRecord(value) ? value : {};
  if (typeof id !== "string") return invalid(`versions[${index}].version_id must be a string.`);
  if (typeof percentage !== "number" || percentage < 0 || percentage > 100) {
    return invalid(`versions[${index}].percentage must be a number from 0 to 100.`);
  }
  return { id, percentage };
}

function timeOf(text: string | null): number | null {
  if (text === null) return null;
  const time = Date.parse(text);
  return Number.isNaN(time) ? invalid(`'${text}' is not a time; use ISO 8601.`) : time;
}

function invalid(reason: string): never {
  return fail(ERRORS.INVALID_DEPLOYMENT, { reason });
}
