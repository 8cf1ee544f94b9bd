import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { projects: ["protocol", "client", "worker", "infra", "localcloud", "scripts", "test"] },
});
