import { IS_WRITING, forgetLearnt, mergeLearnt } from "./coverage.ts";
import { writePages } from "./pages.ts";
import { contractSchema } from "./schema.ts";

/** Makes the schema once, before test files that run at the same time ask for it. */
export function setup(): void {
  contractSchema();
  if (IS_WRITING) forgetLearnt();
}

/** Writes what the test files have learnt, when that is asked for. */
export function teardown(): void {
  if (!IS_WRITING) return;
  mergeLearnt();
  writePages();
}
