import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildWorker } from "../build.ts";
import { LIVE_HASH, LIVE_JS } from "../src/generated/live.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PRINT_HASH =
  'const { buildWorker } = await import("./build.ts"); console.log((await buildWorker()).sha256)';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "visitor-tracker-build-"));
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

/** A checkout in another folder, with what the build needs of it. */
async function copyCheckout(name: string): Promise<string> {
  const copy = join(dir, name);
  for (const path of [
    "worker/src",
    "worker/build.ts",
    "worker/package.json",
    "protocol/src",
    "protocol/package.json",
  ]) {
    await cp(join(ROOT, path), join(copy, path), { recursive: true });
  }
  const modules = join(copy, "node_modules");
  await mkdir(join(modules, "@visitor-tracker"), { recursive: true });
  await symlink(join(copy, "protocol"), join(modules, "@visitor-tracker/protocol"), "junction");
  await symlink(join(ROOT, "node_modules/esbuild"), join(modules, "esbuild"), "junction");
  return join(copy, "worker");
}

test("the bundle is what the hash and the size say, and is written where it is asked for", async () => {
  const outFile = join(dir, "deep/er/worker.js");
  const bundle = await buildWorker({ outFile });
  expect(bundle.path).toBe(outFile);
  expect(Buffer.from(bundle.bytes).equals(await readFile(outFile))).toBe(true);
  expect(bundle.live.path).toBe(`/live-${LIVE_HASH}.js`);
  const [, digest] = /^sha384-(.+)$/.exec(bundle.live.integrity) ?? [];
  expect(digest).toBe(createHash("sha384").update(LIVE_JS).digest("base64"));
  expect([bundle.sizeBytes, bundle.sha256.length]).toEqual([bundle.bytes.byteLength, 64]);
});

test("a checkout in another folder, built from another working directory, gives the same bytes", async () => {
  const { sha256 } = await buildWorker({ outFile: join(dir, "here.js") });
  const folder = await copyCheckout("a folder with spaces");
  const script = join(folder, "print-hash.mjs");
  await writeFile(script, PRINT_HASH);
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: "/" });
  expect(stdout.trim()).toBe(sha256);
});

test("no path of this machine is in the bundle, and nothing is imported but the platform", async () => {
  const { bytes } = await buildWorker({ outFile: join(dir, "paths.js") });
  const code = Buffer.from(bytes).toString();
  expect(code).not.toContain(ROOT);
  expect(code).not.toMatch(/%BUILD-HASH%|node_modules|sourceMappingURL/);
  const imported = [...code.matchAll(/\bfrom ?"([^"]+)"/g)].map(([, name]) => name);
  expect(new Set(imported)).toEqual(new Set(["cloudflare:workers"]));
});

test("a source that does not bundle is an error that names the file, the line and the mistake", async () => {
  const folder = await copyCheckout("broken");
  await writeFile(join(folder, "src/version.ts"), "export const VERSION = ;\n");
  const script = join(folder, "print-hash.mjs");
  await writeFile(
    script,
    'const { buildWorker } = await import("./build.ts"); await buildWorker().catch((error) => console.log(error.message))',
  );
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: "/" });
  expect(stdout.split("\n").slice(0, 4)).toEqual([
    "the Worker does not bundle:",
    '✘ [ERROR] Unexpected ";"',
    "",
    "    src/version.ts:1:23:",
  ]);
});
