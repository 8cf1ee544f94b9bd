import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { capture } from "../lib/child.ts";
import { isExecutableFile } from "../lib/files.ts";
import { CHECKOUT } from "../lib/project.ts";

const FOLDER = join(CHECKOUT, ".github/workflows");
const LINTER = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";
const BIN = join(CHECKOUT, ".local/actionlint-1.7.12");

/** Whether Go is here, which the linter is built with. */
const hasGo = await capture("go", ["version"]).then(
  ({ code }) => code === 0,
  () => false,
);
if (!hasGo) console.warn("The workflows are not linted: Go, which builds actionlint, is not here.");

const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".yml"));

describe.skipIf(!hasGo)("actionlint", () => {
  beforeAll(async () => {
    if (isExecutableFile(join(BIN, "actionlint"))) return;
    const { code, stderr } = await capture("go", ["install", LINTER], {
      env: { ...process.env, GOBIN: BIN },
    });
    if (code !== 0) throw new Error(`actionlint could not be built:\n${stderr}`);
  }, 300_000);

  test("finds nothing to say about the workflows", async () => {
    const { code, stdout, stderr } = await capture(
      join(BIN, "actionlint"),
      files.map((file) => join(FOLDER, file)),
    );
    expect(`${stdout}${stderr}`).toBe("");
    expect(code).toBe(0);
  }, 60_000);
});

describe.each(files)("%s", (file) => {
  test("takes each action by the hash of a version that is named", async () => {
    const text = await readFile(join(FOLDER, file), "utf8");
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) {
      expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test("runs only commands that are npm's scripts, or install", async () => {
    const text = await readFile(join(FOLDER, file), "utf8");
    const { scripts } = await rootScripts();
    const commands = [...text.matchAll(/(?:run|script): (.*)/g)].map(([, line = ""]) => line);
    for (const command of commands) {
      if (/^npm ci( --ignore-scripts)?$/.test(command)) continue;
      const name = /^npm (?:run )?([\w:-]+)$/.exec(command)?.[1];
      expect(scripts, `'${command}' is no script`).toContain(name);
    }
  });
});

async function rootScripts(): Promise<{ scripts: string[] }> {
  const manifest: unknown = JSON.parse(await readFile(join(CHECKOUT, "package.json"), "utf8"));
  const entries = new Map<string, unknown>(Object.entries(manifest ?? {}));
  return { scripts: Object.keys(entries.get("scripts") ?? {}) };
}
