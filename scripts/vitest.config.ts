import { fileURLToPath } from "node:url";
import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "scripts",
    setupFiles: fileURLToPath(new URL("../localcloud/test/contract/watch.ts", import.meta.url)),
  },
});
