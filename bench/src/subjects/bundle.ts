import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import type { SubjectName } from "./subject.ts";

export type WorkerdName = Exclude<SubjectName, "ws" | "socket.io">;

export interface SubjectBundle {
  /** One ES module. */
  readonly code: string;
  /** Its Durable Object classes. */
  readonly classNames: readonly string[];
}

const WORKERS = fileURLToPath(new URL("../../workers/", import.meta.url));
const PRODUCT = fileURLToPath(new URL("../../../worker/src/index.ts", import.meta.url));

/** As worker/build.ts bundles the product. */
const OPTIONS = {
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  target: "es2024",
  platform: "neutral",
  mainFields: ["module", "main"],
  // wrangler also takes `browser`, which partyserver needs.
  conditions: ["workerd", "worker", "browser", "import"],
  external: ["cloudflare:*"],
  loader: { ".html": "text" },
  define: { BUILD_VERSION: '"bench"' },
  minify: true,
  logLevel: "silent",
  tsconfigRaw: {},
} satisfies BuildOptions;

/** Bundles a Worker whose objects count what they are asked to do. */
export async function bundleSubject(name: WorkerdName): Promise<SubjectBundle> {
  const entry =
    name === "ours"
      ? await meteredProduct()
      : `export * from "./${name}.ts";
    export { default } from "./${name}.ts";`;
  const stdin = { contents: entry, resolveDir: WORKERS, loader: "ts" } as const;
  return bundled({ ...OPTIONS, stdin });
}

/** The product as it runs in several processes that share one namespace, metered. */
export async function bundleSpread(): Promise<SubjectBundle> {
  const entry = await entryOfProduct({ object: "metered(spread(_))", worker: "spreadWorker(_)" });
  return bundled({ ...OPTIONS, stdin: { contents: entry, resolveDir: WORKERS, loader: "ts" } });
}

/** An entry that exports whatever the product does, metered. */
function meteredProduct(): Promise<string> {
  return entryOfProduct({ object: "metered(_)", worker: "_" });
}

/** @param wrap what to put around each object class and the Worker, which are written `_` */
async function entryOfProduct(wrap: {
  readonly object: string;
  readonly worker: string;
}): Promise<string> {
  const { classNames } = await bundled({ ...OPTIONS, entryPoints: [PRODUCT] });
  return [
    `import * as product from ${JSON.stringify(PRODUCT)};`,
    'import { metered, meteredWorker } from "./metering.ts";',
    'import { spread, spreadWorker } from "./spread.ts";',
    `export default meteredWorker(${wrap.worker.replace("_", "product.default")});`,
    ...classNames.map(
      (name) => `export const ${name} = ${wrap.object.replace("_", `product.${name}`)};`,
    ),
  ].join("\n");
}

async function bundled(options: typeof OPTIONS & BuildOptions): Promise<SubjectBundle> {
  const { outputFiles, metafile } = await build(options);
  const exported = Object.values(metafile.outputs).flatMap((output) => output.exports);
  return {
    code: outputFiles.map(({ text }) => text).join(""),
    classNames: exported.filter((name) => name !== "default"),
  };
}
