import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runnerArguments, runProgram, type ProgramRun } from "../engine/language-host/program.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

describe("a program", () => {
  const never = new AbortController().signal;

  test("is run with what the SDK's runner wants, without empty values", () => {
    const args = runnerArguments(
      run("/root/infra", { organization: "", isPreview: true, args: ["x"] }),
    );
    expect(args.join(" ")).toBe(
      "--monitor 127.0.0.1:2 --engine 127.0.0.1:1 --project project --root-directory /root " +
        "--stack stack --pwd /root/infra --parallel 16 --dry-run . x",
    );
  });

  test.each([
    ["process.exit(0)", { outcome: "done" }],
    ["process.exit(32)", { outcome: "bail" }],
    ["process.exit(3)", { outcome: "error", message: "Program exited with non-zero exit code: 3" }],
    [
      "process.kill(process.pid, 'SIGKILL')",
      { outcome: "error", message: "Program was ended by SIGKILL" },
    ],
  ])("that does %s ends so: %j", async (code, end) => {
    expect(await runProgram(run(await withRunner(code)), never)).toEqual(end);
  });

  test("gets its config, its secret keys and node's arguments", async () => {
    const folder = await withRunner(
      "const fs = require('node:fs'); const { PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT } = process.env;" +
        "const seen = [process.execPath, process.cwd(), process.title, PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT];" +
        "process.exit(seen.join() === fs.readFileSync('expected', 'utf8') ? 0 : 1);",
    );
    const seen = [process.execPath, folder, "a title", '{"p:k":"v"}', '["p:s"]', ""];
    await writeFiles(folder, { expected: seen.join() });
    const options = { typescript: false, nodeargs: "--title='a title'" };
    const asked = run(folder, { config: { "p:k": "v" }, secretKeys: ["p:s"], options });
    expect(await runProgram(asked, never)).toEqual({ outcome: "done" });
  });

  test("is told to run npm ci when the SDK is not installed", async () => {
    const folder = temporaryFolder();
    expect(await runProgram(run(folder), never)).toEqual({
      outcome: "error",
      message: `The Pulumi SDK is not installed: ${folder} has no @pulumi/pulumi/cmd/run. Run npm ci.`,
    });
  });

  test("with wrong options does not start", async () => {
    const end = await runProgram(run(await withRunner(""), { options: { typescript: 1 } }), never);
    expect(end).toEqual({
      outcome: "error",
      message: "runtime option typescript: 1 is not a boolean.",
    });
  });

  test("ends when the engine cancels", async () => {
    const folder = await withRunner(
      "require('node:fs').writeFileSync('started', ''); setInterval(() => {}, 1_000);",
    );
    const controller = new AbortController();
    const ended = runProgram(run(folder), controller.signal);
    await vi.waitUntil(() => existsSync(join(folder, "started")));
    controller.abort();
    expect(await ended).toEqual({ outcome: "error", message: "Program was ended by SIGINT" });
  });

  test("finds the SDK through a link of the workspace", async () => {
    const root = temporaryFolder();
    const folder = await withRunner("process.exit(0)");
    mkdirSync(join(root, "infra"));
    symlinkSync(join(folder, "node_modules"), join(root, "node_modules"));
    expect(await runProgram(run(join(root, "infra")), never)).toEqual({ outcome: "done" });
  });
});

/** A program folder whose SDK runner is this code. */
async function withRunner(code: string): Promise<string> {
  const folder = temporaryFolder();
  await writeFiles(folder, { "node_modules/@pulumi/pulumi/cmd/run/index.js": code });
  return folder;
}

function run(programDir: string, over: Partial<ProgramRun> = {}): ProgramRun {
  return {
    engineAddress: "127.0.0.1:1",
    monitorAddress: "127.0.0.1:2",
    organization: "organization",
    project: "project",
    stack: "stack",
    rootDir: "/root",
    programDir,
    entryPoint: ".",
    args: [],
    config: {},
    secretKeys: [],
    isPreview: false,
    parallel: 16,
    options: { typescript: false },
    ...over,
  };
}
