import { type UserWorkspaceConfig, defineProject } from "vitest/config";

const config: UserWorkspaceConfig = defineProject({
  test: { name: "worker-tcp", include: ["**/*.test.ts"], testTimeout: 30_000 },
});

export default config;
