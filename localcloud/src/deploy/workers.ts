import { ERRORS, fail } from "../errors.ts";
import type { Cloud } from "../http/reply.ts";
import { type Script, type State, scriptNamed, timestamp } from "../model/state.ts";
import { ensureScript } from "./history.ts";
import { requireTailConsumers } from "./services.ts";
import { applyDeployment } from "./swap.ts";

/** What a Worker is besides its versions. Fields that are not there stay as they are. */
export type WorkerSettings = Partial<
  Pick<Script, "name" | "logpush" | "observability" | "subdomain" | "tags" | "tailConsumers">
>;

/**
 * Makes a Worker without code.
 * @throws {ApiError} when the name is taken, 10203 for a Tail Worker that is not there
 */
export async function createWorker(
  cloud: Cloud,
  name: string,
  settings: WorkerSettings,
): Promise<Script> {
  return cloud.deployments.run(async () =>
    cloud.store.update((draft) => {
      requireFree(draft, name);
      requireTailConsumers(draft, name, settings.tailConsumers ?? null);
      return Object.assign(ensureScript(draft, name), settings, { name });
    }),
  );
}

/**
 * Changes a Worker. A new name goes into everything that leads to it; its objects keep their storage.
 * @throws {ApiError} when the new name is taken, 10203 for a Tail Worker that is not there
 */
export async function updateWorker(
  cloud: Cloud,
  name: string,
  settings: WorkerSettings,
): Promise<Script> {
  const to = settings.name ?? name;
  const change = (draft: State): void => {
    const script = scriptNamed(draft, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
    if (to !== name) requireFree(draft, to);
    requireTailConsumers(draft, name, settings.tailConsumers ?? null);
    Object.assign(script, settings, { modifiedOn: timestamp() });
    if (to !== name) rename(draft, name, to);
  };
  return cloud.deployments.run(async () => {
    await applyDeployment(cloud, name, change);
    if (to !== name) cloud.tails.rename(name, to);
    return scriptNamed(cloud.store.state, to) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
  });
}

function requireFree(state: State, name: string): void {
  if (scriptNamed(state, name) !== undefined) fail(ERRORS.WORKER_EXISTS, { name });
}

function rename(draft: State, from: string, to: string): void {
  for (const namespace of draft.namespaces) {
    if (namespace.script === from) namespace.script = to;
    if (namespace.transferredFrom === from) namespace.transferredFrom = to;
  }
  for (const route of draft.routes) if (route.script === from) route.script = to;
  for (const domain of draft.domains) if (domain.service === from) domain.service = to;
  for (const schedule of draft.schedules) if (schedule.script === from) schedule.script = to;
  for (const consumer of draft.scripts.flatMap(({ tailConsumers }) => tailConsumers ?? [])) {
    if (consumer["service"] === from) consumer["service"] = to;
  }
  for (const { bindings, expectedClasses } of draft.scripts.flatMap(({ versions }) => versions)) {
    for (const expected of Object.values(expectedClasses ?? {})) {
      if (expected.from === from) expected.from = to;
    }
    for (const binding of bindings) {
      if (binding.type === "service" && binding["service"] === from) binding["service"] = to;
      if (binding["script_name"] === from) binding["script_name"] = to;
    }
  }
}

/**
 * Removes a version that does not serve.
 * @throws {ApiError} 10071 when there is none
 */
export async function removeVersion(cloud: Cloud, name: string, id: string): Promise<void> {
  await cloud.deployments.run(async () => {
    cloud.store.update((draft) => {
      const script = scriptNamed(draft, name) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
      const index = script.versions.findIndex((version) => version.id === id);
      if (index < 0) fail(ERRORS.BETA_VERSION_NOT_FOUND, { id });
      const serves = script.deployments[0]?.versions.some((version) => version.id === id) ?? false;
      if (serves) fail(ERRORS.VERSION_SERVES, { id });
      script.versions.splice(index, 1);
      script.deployments = script.deployments.filter(({ versions }) =>
        versions.every((version) => version.id !== id),
      );
    });
  });
}
