import type { Blobs } from "../model/blobs.ts";
import {
  type Script,
  type State,
  type Version,
  deployedVersions,
  scriptNamed,
  servingVersion,
} from "../model/state.ts";
import {
  type RunnableBinding,
  type RunnableModule,
  type RunnableScript,
  type ServingVersion,
  entrypointOf,
} from "../runtime/types.ts";

/**
 * What the runtime is to run for `state`, by name: the version of each script that most requests get, under
 * the script's name, and the others that are deployed beside it, see {@link runnableName}. A script whose
 * modules cannot be read is left out and told to `onBroken`, so that it stops neither the others nor its own
 * next upload.
 */
export function runnableScripts(
  state: State,
  blobs: Blobs,
  onBroken: (name: string, error: unknown) => void = () => undefined,
): Map<string, RunnableScript> {
  const scripts = new Map<string, RunnableScript>();
  for (const script of state.scripts) {
    for (const { version } of deployedVersions(script)) {
      const name = runnableName(script, version.id);
      try {
        scripts.set(name, runnableScript(state, blobs, { name, script, version }));
      } catch (error) {
        onBroken(name, error);
      }
    }
  }
  return scripts;
}

/** The names of all that is deployed, whether it can be read or not. */
export function runnableNames({ scripts }: State): string[] {
  return scripts.flatMap((script) =>
    deployedVersions(script).map(({ version }) => runnableName(script, version.id)),
  );
}

/** The name under which a deployed version runs. */
function runnableName(script: Script, versionId: string): string {
  return servingVersion(script)?.id === versionId ? script.name : `${script.name}:${versionId}`;
}

/** What is deployed of the script `name`, for the edge. */
export function servingVersions(state: State, name: string): ServingVersion[] {
  const script = scriptNamed(state, name);
  if (script === undefined) return [];
  return deployedVersions(script).map(({ version: { id }, percentage }) => ({
    id,
    percentage,
    runsAs: runnableName(script, id),
  }));
}

interface Runnable {
  name: string;
  script: Script;
  version: Version;
}

/** The objects of a script are all of the version that runs under its name. */
function runnableScript(
  state: State,
  blobs: Blobs,
  { name, script, version }: Runnable,
): RunnableScript {
  return {
    name,
    version: version.id,
    mainModule: version.mainModule,
    modules: version.modules.map(({ name: module, contentType, sha256 }): RunnableModule => ({
      name: module,
      contentType,
      contents: blobs.get(sha256),
    })),
    bindings: version.bindings.flatMap((binding) =>
      resolveBinding(state, { name, script, version }, binding),
    ),
    compatibilityDate: version.compatibilityDate,
    compatibilityFlags: version.compatibilityFlags,
    namespaces: state.namespaces
      .filter((namespace) => namespace.script === name)
      .map(({ id, className, useSqlite }) => ({ id, className, useSqlite })),
    tailConsumers: tailConsumersOf(script),
    handlesTail: version.exports.some(
      (entry) => entry.name === "default" && entry.handlers.includes("tail"),
    ),
  };
}

/** The Tail Workers of a script, by name. */
function tailConsumersOf({ tailConsumers }: Script): string[] {
  return [...new Set((tailConsumers ?? []).map(({ service }) => String(service)))];
}

/**
 * A Durable Object binding means a namespace, whatever the class is called by now and whoever implements
 * it. When its script is gone the binding is left for the runtime to fill in; when a script of that name was
 * made again, the namespace is another one and the binding is dropped.
 */
function resolveBinding(
  state: State,
  { name, version }: Runnable,
  binding: RunnableBinding,
): RunnableBinding[] {
  if (binding.type === "version_metadata") return [versionMetadata(version, binding)];
  if (binding.type === "service") return [resolveService(state, { name, version }, binding)];
  if (binding.type !== "durable_object_namespace") return [binding];
  const namespace = state.namespaces.find(({ id }) => id === binding["namespace_id"]);
  if (namespace === undefined) {
    const owner = scriptNamed(state, String(binding["script_name"]));
    return owner === undefined ? [binding] : [];
  }
  const { script_name: _, ...rest } = binding;
  const owner = namespace.script === name ? {} : { script_name: namespace.script };
  return [{ ...rest, class_name: namespace.className, ...owner }];
}

/** An entrypoint that its script lost is like a script that is not there: it fails when it is called. */
function resolveService(
  state: State,
  { name, version }: Pick<Runnable, "name" | "version">,
  binding: RunnableBinding,
): RunnableBinding {
  const entrypoint = entrypointOf(binding);
  const target = scriptNamed(state, String(binding["service"]));
  const serving = binding["service"] === name ? version : target && servingVersion(target);
  const isThere = entrypoint === null || serving?.exports.some((one) => one.name === entrypoint);
  return isThere === true ? binding : { ...binding, service: "" };
}

/** What the platform puts into such a binding; the runtime itself knows of no versions. */
function versionMetadata(version: Version, { name }: RunnableBinding): RunnableBinding {
  const { id, annotations, createdOn } = version;
  const tag = annotations["workers/tag"] ?? "";
  return { type: "json", name, json: { id, tag, timestamp: createdOn } };
}

/** Two scripts for which the runtime would do the same. */
export function runsTheSame(a: RunnableScript | undefined, b: RunnableScript | undefined): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint(script: RunnableScript | undefined): string {
  if (script === undefined) return "";
  const modules = script.modules.map(({ name, contentType, contents }) => [
    name,
    contentType,
    Buffer.from(contents.buffer, contents.byteOffset, contents.byteLength).toString("latin1"),
  ]);
  return JSON.stringify({ ...script, modules });
}

/** The scripts that have `name` as a Tail Worker; it may be one of them itself. */
export function tailProducersOf({ scripts }: State, name: string): Script[] {
  return scripts.filter((script) => tailConsumersOf(script).includes(name));
}

/** The bindings of what is deployed of the scripts other than `name` that reach into it. */
export function bindingsInto(
  state: State,
  name: string,
): { script: string; binding: RunnableBinding }[] {
  const own = new Set(state.namespaces.filter(({ script }) => script === name).map(({ id }) => id));
  const reachesIn = (binding: RunnableBinding): boolean =>
    (binding.type === "service" && binding["service"] === name) ||
    (binding.type === "durable_object_namespace" && own.has(String(binding["namespace_id"])));
  return state.scripts
    .filter((script) => script.name !== name)
    .flatMap((script) =>
      deployedVersions(script)
        .flatMap(({ version }) => version.bindings.filter(reachesIn))
        .map((binding) => ({ script: script.name, binding })),
    );
}
