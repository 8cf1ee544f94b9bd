import { describe, expect, onTestFinished, test } from "vitest";
import { openProject } from "../lib/project.ts";
import { createReporter } from "../lib/reporter.ts";
import { isSource, watchSources } from "../lib/watch.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

describe("a reporter", () => {
  test("rewrites its status in place on a terminal, within one row", () => {
    const written: string[] = [];
    const reporter = createReporter({
      isTTY: true,
      columns: 11,
      write: (text) => written.push(text),
    });
    reporter.status("one");
    reporter.status("twelve letters");
    reporter.line("a line");
    reporter.line("another");
    expect(written).toEqual([
      "\r\u001B[Kone",
      "\r\u001B[Ktwelve let",
      "\r\u001B[Ka line\n",
      "another\n",
    ]);
  });

  test("prints a status once in a while elsewhere, and each change when asked to", () => {
    const written: string[] = [];
    const reporter = createReporter({ write: (text) => written.push(text) });
    for (const text of ["1 %", "2 %"]) reporter.status(text);
    for (const text of ["a", "a", "b"]) reporter.status(text, { quietMs: 0 });
    expect(written).toEqual(["1 %\n", "a\n", "b\n"]);
  });
});

describe("a change", () => {
  test.each([
    ["worker/src/index.ts", true],
    ["worker/src/demo/demo.html", true],
    ["protocol/src/limits.ts", true],
    ["infra/package.json", true],
    ["Pulumi.local.yaml", true],
    ["Pulumi.prod.yaml", false],
    ["infra/.build/worker.js", false],
    ["worker/test/index.test.ts", false],
    ["worker/node_modules/a/index.js", false],
    ["worker/src/index.ts~", false],
    ["worker/src/.index.ts.swp", false],
    ["localcloud/src/index.ts", false],
    ["package.json", false],
  ])("of %s makes a deployment: %j", (path, makes) => {
    expect(isSource(path)).toBe(makes);
  });

  test("of several files at once is told once, a new one later again", async () => {
    const root = temporaryFolder();
    await writeFiles(root, { "worker/src/a.ts": "", "protocol/x": "", "infra/x": "" });
    const told: string[] = [];
    let notify: (() => void) | undefined;
    const watcher = watchSources(openProject({ root, stateDir: ".local" }), (path) => {
      told.push(path);
      notify?.();
    });
    onTestFinished(() => watcher.close());
    const next = (): Promise<void> =>
      new Promise((resolve) => {
        notify = resolve;
      });
    const first = next();
    await writeFiles(root, { "worker/src/a.ts": "1", "worker/src/b.ts": "1" });
    await first;
    const second = next();
    await writeFiles(root, { "Pulumi.local.yaml": "config: {}" });
    await second;
    expect(told).toEqual(["worker/src/a.ts", "Pulumi.local.yaml"]);
  });
});
