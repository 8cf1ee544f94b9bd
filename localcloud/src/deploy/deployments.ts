import { ERRORS, fail } from "../errors.ts";
import type { Cloud } from "../http/reply.ts";
import {
  type DeployedVersion,
  type Deployment,
  type Script,
  type State,
  type Version,
  scriptNamed,
  servingVersion,
} from "../model/state.ts";
import { classesOf, requireSameClasses } from "./classes.ts";
import { addDeployment } from "./history.ts";
import { requireServices } from "./services.ts";
import { applyDeployment } from "./swap.ts";

/** Versions that are to serve. */
export interface DeploymentRequest {
  script: string;
  versions: [DeployedVersion, ...DeployedVersion[]];
  annotations: Record<string, string>;
  /** The client, see `clientOf`. */
  source: string;
  /** `?force=true`: also when a secret has changed since. */
  force: boolean;
}

/**
 * Makes versions serve that were uploaded before: newer ones, older ones, or several at once.
 * @throws {ApiError} with Cloudflare's code; what served before keeps serving then
 */
export async function createDeployment(
  cloud: Cloud,
  { script: name, versions, annotations, source, force }: DeploymentRequest,
): Promise<Deployment> {
  return cloud.deployments.run(async () => {
    await applyDeployment(cloud, name, (draft) => {
      const script = scriptNamed(draft, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
      for (const { id } of versions) checkDeployable(draft, script, id, { force });
      requireSameClasses(script, versions);
      addDeployment(draft, script, {
        source,
        annotations: { "workers/triggered_by": "deployment", ...annotations },
        versions,
      });
    });
    return scriptNamed(cloud.store.state, name)?.deployments[0] ?? fail(ERRORS.SCRIPT_NOT_FOUND);
  });
}

/**
 * Forgets a deployment that does not serve any more. Its versions stay.
 * @throws {ApiError} 10336 when there is none
 */
export async function removeDeployment(cloud: Cloud, name: string, id: string): Promise<void> {
  await cloud.deployments.run(async () =>
    cloud.store.update((draft) => {
      const { deployments } = scriptNamed(draft, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
      const index = deployments.findIndex((deployment) => deployment.id === id);
      if (index < 0) fail(ERRORS.DEPLOYMENT_NOT_FOUND, { id });
      if (index === 0) fail(ERRORS.ACTIVE_DEPLOYMENT, { id });
      deployments.splice(index, 1);
    }),
  );
}

/** @see https://developers.cloudflare.com/workers/versions-and-deployments/rollbacks/#limits */
function checkDeployable(
  state: State,
  script: Script,
  id: string,
  { force }: { force: boolean },
): void {
  const version = script.versions.find((candidate) => candidate.id === id);
  if (version === undefined) return fail(ERRORS.VERSION_NOT_FOUND, { id });
  if (version.migrationTag !== script.migrationTag) {
    fail(ERRORS.MIGRATION_BETWEEN_VERSIONS, {
      id,
      got: version.migrationTag ?? "",
      expected: script.migrationTag ?? "",
    });
  }
  const { classesThen } = version;
  if (classesThen !== undefined && classesThen !== classesOf(state, script.name)) {
    fail(ERRORS.CLASSES_BETWEEN_VERSIONS, { id });
  }
  requireServices(state, version.bindings, { script: script.name, exports: version.exports });
  const names = force ? [] : changedSecrets(script, version);
  if (names.length > 0) fail(ERRORS.SECRETS_CHANGED, { names: names.join(", ") });
}

/** Secrets that an older version does not have as the version that serves has them. */
function changedSecrets(script: Script, version: Version): string[] {
  const serving = servingVersion(script);
  if (serving === undefined || version.number >= serving.number) return [];
  const [then, now] = [secretsOf(version), secretsOf(serving)];
  return [...new Set([...then.keys(), ...now.keys()])].filter(
    (name) => then.get(name) !== now.get(name),
  );
}

function secretsOf({ bindings }: Version): Map<string, string> {
  const secrets = bindings.filter(({ type }) => type.startsWith("secret_"));
  return new Map(secrets.map((binding) => [binding.name, JSON.stringify(binding)]));
}
