import type { ProviderFunction } from "./function.ts";
import { getWorkersScripts } from "./get-workers-scripts.ts";
import { getZones } from "./get-zones.ts";

/** Every function that is covered, by its token. */
export const FUNCTIONS: ReadonlyMap<string, ProviderFunction> = new Map(
  [getWorkersScripts, getZones].map((entry) => [entry.token, entry]),
);
