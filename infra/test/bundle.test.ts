import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-infra-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

afterEach(() => {
  vi.doUnmock("@visitor-tracker/worker/build");
  vi.resetModules();
});

test("the bundle is one file below the program's folder, named relative to it, with its hash", async () => {
  const { writeBundle } = await import("../src/bundle.ts");
  const folder = await temporaryFolder();
  const { bundle } = await writeBundle(folder);
  const { path, sha256 } = bundle;
  expect(path).toBe(".build/worker.js");
  expect(await readdir(join(folder, ".build"))).toEqual(["worker.js"]);
  const bytes = await readFile(join(folder, path));
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
});

test("two folders give the same bundle, so that no machine makes a diff of its own", async () => {
  const { writeBundle } = await import("../src/bundle.ts");
  const [first, second] = [await temporaryFolder(), await temporaryFolder()];
  expect(await writeBundle(first)).toEqual(await writeBundle(second));
});

test("a Worker that does not bundle ends the run with the bundler's words and no stack trace", async () => {
  vi.doMock("@visitor-tracker/worker/build", () => ({
    buildWorker: () =>
      Promise.reject(new Error('the Worker does not bundle:\nERROR: Could not resolve "./x.ts"')),
  }));
  const { writeBundle } = await import("../src/bundle.ts");
  await expect(writeBundle(await temporaryFolder())).rejects.toMatchObject({
    __pulumiRunError: true,
    message: 'Nothing was changed: the Worker does not bundle:\nERROR: Could not resolve "./x.ts"',
  });
});
