import { defineProject } from "vitest/config";

/** The client in real browsers: one at a time, since they wait for what takes a browser seconds. */
export default defineProject({
  test: { name: "browser", fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
});
