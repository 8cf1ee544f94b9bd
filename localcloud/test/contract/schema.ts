import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** The folder of node_modules that tools may write to. */
const CACHE = fileURLToPath(
  new URL("../../../node_modules/.cache/localcloud-contract", import.meta.url),
);

/**
 * Path of the JSON Schema of {@link Contract}, made from the SDK's types when this version of them has none
 * yet (about four seconds).
 */
export function contractSchema(): string {
  const source = join(HERE, "contract.ts");
  const sdk = join(dirname(createRequire(import.meta.url).resolve("cloudflare")), "package.json");
  const key = createHash("sha256")
    .update(readFileSync(source))
    .update(readFileSync(sdk))
    .digest("hex")
    .slice(0, 16);
  const file = join(CACHE, `${key}.json`);
  if (existsSync(file)) return file;
  const schema = createGenerator({
    path: source,
    tsconfig: join(HERE, "../../tsconfig.json"),
    type: "Contract",
    skipTypeCheck: true,
    additionalProperties: true,
  }).createSchema("Contract");
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(schema));
  renameSync(`${file}.${process.pid}`, file);
  return file;
}
