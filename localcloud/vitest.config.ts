import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "localcloud",
    include: ["test/**/*.test.ts", "src/**/*.test.ts", "provider/**/*.test.ts"],
    // A start of workerd takes seconds on a machine that is busy with others.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    globalSetup: ["test/contract/setup.ts"],
    setupFiles: ["test/contract/watch.ts"],
  },
});
