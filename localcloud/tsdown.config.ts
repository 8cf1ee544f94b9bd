import { join } from "node:path";
import { defineConfig } from "tsdown";
import { readPage } from "./src/http/page-files.ts";

const PAGE_FILES = join(import.meta.dirname, "src/http/page-files.ts");
const page = await readPage();

export default defineConfig({
  entry: ["src/index.ts", "src/cli.ts"],
  platform: "node",
  target: "node22",
  fixedExtension: false,
  sourcemap: true,
  plugins: [
    {
      name: "built-page",
      load: (id) =>
        id === PAGE_FILES
          ? `export const readPage = async () => (${JSON.stringify(page)});`
          : undefined,
    },
  ],
  publint: { strict: true },
  attw: { profile: "esm-only", level: "error" },
});
