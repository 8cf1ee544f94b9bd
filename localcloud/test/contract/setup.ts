import { contractSchema } from "./schema.ts";

/** Makes the schema once, before test files that run at the same time ask for it. */
export function setup(): void {
  contractSchema();
}
