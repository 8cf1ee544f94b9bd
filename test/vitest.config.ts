import { fileURLToPath } from "node:url";
import { configDefaults, defineProject } from "vitest/config";

/** Whole-product suites: they deploy for real, so they run one file after the other. */
export default defineProject({
  test: {
    name: "product",
    exclude: [...configDefaults.exclude, "client/**", "examples/**"],
    setupFiles: fileURLToPath(new URL("../localcloud/test/contract/watch.ts", import.meta.url)),
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
