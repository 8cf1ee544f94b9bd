import { ERRORS, fail } from "../errors.ts";
import { type Script, type State, scriptNamed } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";

/**
 * Passes when every service that these bindings name is there.
 * @throws {ApiError} 10143 for the first one that is not
 */
export function requireServices(state: State, bindings: readonly RunnableBinding[]): void {
  for (const binding of bindings) {
    if (binding.type !== "service") continue;
    const service = String(binding["service"]);
    if (scriptNamed(state, service) === undefined) {
      fail(ERRORS.MISSING_SERVICE, { name: binding.name, service });
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
