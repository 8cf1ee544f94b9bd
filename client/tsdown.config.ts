import { readFile } from "node:fs/promises";
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/react.ts", "src/element.ts"],
  platform: "browser",
  target: "es2022",
  sourcemap: true,
  publint: { strict: true },
  attw: { profile: "esm-only", level: "error" },
  // Rolldown says that the directive may be lost; whether it is gets checked below.
  suppressWarnings: /"use client"/,
  async onSuccess() {
    const react = await readFile(new URL("dist/react.js", import.meta.url), "utf8");
    if (!react.startsWith('"use client"')) {
      throw new Error('dist/react.js does not start with "use client": server components need it');
    }
  },
});
