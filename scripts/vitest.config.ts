import { fileURLToPath } from "node:url";
import { defineProject } from "vitest/config";

// What takes a second takes many on a machine that is busy with others; what hangs still fails.
export default defineProject({
  test: {
    name: "scripts",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    setupFiles: fileURLToPath(new URL("../localcloud/test/contract/watch.ts", import.meta.url)),
  },
});
