import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      "protocol",
      "client",
      "worker",
      "worker/demo",
      "worker/test-tcp",
      "infra",
      "policy",
      "localcloud",
      "scripts",
      "test",
      "test/client",
      "test/examples",
      "bench",
    ],
  },
});
