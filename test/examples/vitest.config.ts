import { fileURLToPath } from "node:url";
import { defineProject } from "vitest/config";

/** Every app of examples/, installed, built and opened in a browser: one at a time. */
export default defineProject({
  test: {
    name: "examples",
    globalSetup: fileURLToPath(new URL("support/pack.ts", import.meta.url)),
    setupFiles: fileURLToPath(new URL("../../localcloud/test/contract/watch.ts", import.meta.url)),
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
