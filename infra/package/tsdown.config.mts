import { defineConfig } from "tsdown";
import { buildWorker } from "../../worker/build.ts";

const worker = await buildWorker({ outFile: ".build/worker.js" });

export default defineConfig({
  entry: ["src/index.ts"],
  tsconfig: "../tsconfig.json",
  // Pulumi's own packages are CommonJS, and programs of both kinds can load it.
  format: "cjs",
  fixedExtension: false,
  platform: "node",
  target: "node20",
  sourcemap: true,
  define: { LIVE_SCRIPT: JSON.stringify(worker.live) },
  copy: [worker.path],
  publint: { strict: true },
  attw: { profile: "strict", level: "error" },
});
