import { uuid } from "../model/ids.ts";
import { nextId, nextOrdinal } from "../model/ordinals.ts";
import {
  type Deployment,
  MAX_DEPLOYMENTS,
  MAX_VERSIONS,
  type Script,
  type State,
  type Version,
  scriptNamed,
  timestamp,
} from "../model/state.ts";

/** The script of this name; a new one, without code, when there is none. Changes `draft`. */
export function ensureScript(draft: State, name: string): Script {
  const present = scriptNamed(draft, name);
  if (present !== undefined) return present;
  const now = timestamp();
  const script: Script = {
    name,
    tag: nextId(draft, "script", name),
    createdOn: now,
    modifiedOn: now,
    lastDeployedFrom: "",
    migrationTag: null,
    logpush: false,
    tags: [],
    tailConsumers: null,
    observability: null,
    subdomain: { enabled: false, previewsEnabled: false },
    versions: [],
    deployments: [],
  };
  draft.scripts.push(script);
  return script;
}

/** Adds a version to the script of a draft as its newest one. It serves only once it is deployed. */
export function addVersion(
  draft: State,
  script: Script,
  parts: Omit<Version, "id" | "number" | "createdOn">,
): Version {
  const number = nextOrdinal(draft, "version", script.tag);
  const id = uuid("version", script.tag, number);
  const version: Version = { ...parts, id, number, createdOn: timestamp() };
  script.versions.unshift(version);
  script.modifiedOn = version.createdOn;
  dropOldVersions(script);
  return version;
}

/** Makes a deployment of the script of a draft, which serves from then on. */
export function addDeployment(
  draft: State,
  script: Script,
  parts: Omit<Deployment, "id" | "createdOn">,
): Deployment {
  const id = uuid("deployment", script.tag, nextOrdinal(draft, "deployment", script.tag));
  const deployment: Deployment = { ...parts, id, createdOn: timestamp() };
  script.deployments.unshift(deployment);
  script.deployments.splice(MAX_DEPLOYMENTS);
  script.modifiedOn = deployment.createdOn;
  script.lastDeployedFrom = deployment.source;
  dropOldVersions(script);
  return deployment;
}

/** What serves is kept, however old. A deployment goes with the versions that it names. */
function dropOldVersions(script: Script): void {
  const serving = new Set(script.deployments[0]?.versions.map(({ id }) => id));
  script.versions = script.versions.filter(
    ({ id }, index) => index < MAX_VERSIONS || serving.has(id),
  );
  const kept = new Set(script.versions.map(({ id }) => id));
  script.deployments = script.deployments.filter(({ versions }) =>
    versions.every(({ id }) => kept.has(id)),
  );
}

/** Removes a script from a draft, and the counters of what it had. */
export function dropScript(draft: State, name: string): void {
  const script = scriptNamed(draft, name);
  if (script === undefined) return;
  draft.scripts = draft.scripts.filter((other) => other !== script);
  delete draft.ordinals[`version:${script.tag}`];
  delete draft.ordinals[`deployment:${script.tag}`];
}
