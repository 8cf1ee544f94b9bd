import { defineProject } from "vitest/config";

// What takes a second takes many on a machine that is busy with others; what hangs still fails.
export default defineProject({ test: { name: "demo", testTimeout: 30_000 } });
