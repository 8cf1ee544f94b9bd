import { defineProject } from "vitest/config";

/** Every app of examples/, installed, built and opened in a browser: one at a time. */
export default defineProject({
  test: {
    name: "examples",
    globalSetup: "./support/pack.ts",
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
