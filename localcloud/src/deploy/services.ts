import { ERRORS, fail } from "../errors.ts";
import { type Script, type State, scriptNamed, servingVersion } from "../model/state.ts";
import { type RunnableBinding, type ScriptExport, entrypointOf } from "../runtime/types.ts";

/** The script that has the bindings, and what its version with them exports. */
interface Caller {
  script: string;
  exports: readonly ScriptExport[];
}

/**
 * Passes when every service that these bindings name is there, and its entrypoint.
 * @throws {ApiError} 10143 for the first one that is not
 */
export function requireServices(
  state: State,
  bindings: readonly RunnableBinding[],
  caller: Caller,
): void {
  for (const binding of bindings) {
    if (binding.type !== "service") continue;
    const service = String(binding["service"]);
    const target = scriptNamed(state, service);
    if (target === undefined) return fail(ERRORS.MISSING_SERVICE, { name: binding.name, service });
    const exports =
      service === caller.script ? caller.exports : (servingVersion(target)?.exports ?? []);
    const entrypoint = entrypointOf(binding);
    if (entrypoint !== null && !exports.some(({ name }) => name === entrypoint)) {
      fail(ERRORS.MISSING_ENTRYPOINT, { name: binding.name, service, entrypoint });
    }
  }
}

/**
 * Passes when every Tail Worker that the script is to have is there. A script may be its own.
 * @throws {ApiError} 10203 for one that is not
 */
export function requireTailConsumers(
  state: State,
  script: string,
  consumers: Script["tailConsumers"],
): void {
  for (const { service } of consumers ?? []) {
    const name = String(service);
    if (name !== script && scriptNamed(state, name) === undefined) {
      fail(ERRORS.MISSING_TAIL_WORKER, { name });
    }
  }
}
