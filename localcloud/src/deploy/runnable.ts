import type { Blobs } from "../model/blobs.ts";
import { type Script, type State, type Version, scriptNamed } from "../model/state.ts";
import type { RunnableBinding, RunnableModule, RunnableScript } from "../runtime/types.ts";

/**
 * What the runtime is to run for `state`: the first version of every script. A script whose modules cannot
 * be read is left out and told to `onBroken`, so that it stops neither the others nor its own next upload.
 */
export function runnableScripts(
  state: State,
  blobs: Blobs,
  onBroken: (name: string, error: unknown) => void = () => undefined,
): Map<string, RunnableScript> {
  const scripts = new Map<string, RunnableScript>();
  for (const script of state.scripts) {
    try {
      scripts.set(script.name, runnableScript(state, blobs, script));
    } catch (error) {
      onBroken(script.name, error);
    }
  }
  return scripts;
}

function runnableScript(state: State, blobs: Blobs, script: Script): RunnableScript {
  const [version] = script.versions;
  return {
    name: script.name,
    mainModule: version.mainModule,
    modules: version.modules.map(({ name, contentType, sha256 }): RunnableModule => ({
      name,
      contentType,
      contents: blobs.get(sha256),
    })),
    bindings: version.bindings.flatMap((binding) => resolveBinding(state, script, binding)),
    compatibilityDate: version.compatibilityDate,
    compatibilityFlags: version.compatibilityFlags,
    namespaces: state.namespaces
      .filter((namespace) => namespace.script === script.name)
      .map(({ id, className, useSqlite }) => ({ id, className, useSqlite })),
  };
}

/**
 * A Durable Object binding means a namespace, whatever the class is called by now and whoever implements
 * it. When its script is gone the binding is left for the runtime to fill in; when a script of that name was
 * made again, the namespace is another one and the binding is dropped.
 */
function resolveBinding(state: State, script: Script, binding: RunnableBinding): RunnableBinding[] {
  if (binding.type !== "durable_object_namespace") return [binding];
  const namespace = state.namespaces.find(({ id }) => id === binding["namespace_id"]);
  if (namespace === undefined) {
    const owner = scriptNamed(state, String(binding["script_name"]));
    return owner === undefined ? [binding] : [];
  }
  const { script_name: _, ...rest } = binding;
  const owner = namespace.script === script.name ? {} : { script_name: namespace.script };
  return [{ ...rest, class_name: namespace.className, ...owner }];
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

/** Every version's bindings of the scripts other than `name` that reach into it. */
export function bindingsInto(
  state: State,
  name: string,
): { script: string; binding: RunnableBinding }[] {
  const own = new Set(state.namespaces.filter(({ script }) => script === name).map(({ id }) => id));
  return state.scripts
    .filter((script) => script.name !== name)
    .flatMap((script) => {
      const [{ bindings }]: [Version, ...Version[]] = script.versions;
      return bindings
        .filter(
          (binding) =>
            (binding.type === "service" && binding["service"] === name) ||
            (binding.type === "durable_object_namespace" &&
              own.has(String(binding["namespace_id"]))),
        )
        .map((binding) => ({ script: script.name, binding }));
    });
}
