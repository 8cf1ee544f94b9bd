import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { capture, ended, runGracefully, type Captured } from "../lib/child.ts";
import { createInterruption, listenForInterrupts } from "../lib/interruption.ts";
import { parseLocalOptions } from "../lib/local-options.ts";
import { parseOutputs } from "../lib/outputs.ts";
import { CHECKOUT } from "../lib/project.ts";
import { shell, temporaryFolder, writeFiles } from "./support.ts";

interface Run {
  run: (script: string, ...args: string[]) => Promise<Captured>;
  folder: string;
}

/** Runs scripts with a `pulumi` that prints its arguments and its environment and exits with 7. */
async function withFakePulumi(variables: Record<string, string> = {}): Promise<Run> {
  const folder = temporaryFolder();
  await writeFiles(folder, {
    "path/pulumi": shell(
      '[ "$1" = version ] && echo v3.259.0 && exit',
      'echo "args: $*"',
      "env",
      "exit 7",
    ),
    "path/pulumi-language-nodejs": shell(),
  });
  const env = {
    PATH: `${join(folder, "path")}:/usr/bin:/bin`,
    HOME: folder,
    VISITOR_TRACKER_STATE_DIR: join(folder, "state"),
    CLOUDFLARE_API_TOKEN: "the user's token",
    ...variables,
  };
  const run = (script: string, ...args: string[]): Promise<Captured> =>
    capture(process.execPath, [join(CHECKOUT, "scripts", script), ...args], { cwd: folder, env });
  return { run, folder };
}

describe("npm run pulumi", () => {
  test("on another stack passes everything through and adds nothing of the local cloud", async () => {
    const { run, folder } = await withFakePulumi();
    const { code, stdout, stderr } = await run("pulumi.ts", "preview", "-s", "prod", "--diff");
    expect(code).toBe(7);
    expect(stderr).toBe("");
    const [args, ...variables] = stdout.trimEnd().split("\n");
    expect(args).toBe("args: preview -s prod --diff");
    const names = variables.map((line) => line.split("=")[0]);
    expect(names.filter((name) => name?.startsWith("PULUMI"))).toEqual([]);
    expect(variables).toContain("CLOUDFLARE_API_TOKEN=the user's token");
    const node = process.execPath.replace(/\/node$/, "");
    expect(variables.find((line) => line.startsWith("PATH="))).toBe(
      `PATH=${node}:${join(folder, "path")}:${join(folder, "path")}:/usr/bin:/bin`,
    );
  });

  test("on the local stack says that the local cloud does not run", async () => {
    const { run } = await withFakePulumi();
    const { code, stdout, stderr } = await run("pulumi.ts", "up", "--stack", "local");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      "Stack local lives in the local cloud, which is not running. Start it in another terminal " +
        "with npm run local, and run this again.\n",
    );
  });

  test("on the local stack reads outputs without the local cloud, from the local backend", async () => {
    const { run, folder } = await withFakePulumi();
    const { code, stdout } = await run("pulumi.ts", "stack", "output", "-s", "local");
    expect(code).toBe(7);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("args: stack output -s local");
    expect(lines).toContain(`PULUMI_BACKEND_URL=file://${join(folder, "state/pulumi")}`);
    expect(lines).toContain("PULUMI_CONFIG_PASSPHRASE=");
    expect(lines.filter((line) => line.startsWith("CLOUDFLARE_"))).toEqual([]);
  });
});

describe("npm run pulumi, with the local stack in force,", () => {
  test("leaves a login to the user's own account, not to the local backend", async () => {
    const { run } = await withFakePulumi({ PULUMI_STACK: "local" });
    const { code, stdout } = await run("pulumi.ts", "login");
    expect(code).toBe(7);
    const [args, ...variables] = stdout.trimEnd().split("\n");
    expect(args).toBe("args: login");
    const names = variables.map((line) => line.split("=")[0]);
    expect(names.filter((name) => name?.startsWith("PULUMI"))).toEqual(["PULUMI_STACK"]);
  });
});

describe("npm run pulumi, with the local stack selected,", () => {
  const manifest = createHash("sha1").update(join(CHECKOUT, "Pulumi.yaml")).digest("hex");
  const workspace = `.pulumi/workspaces/visitor-tracker-${manifest}-workspace.json`;

  test.each([
    ["stack init prod", ["stack init prod", "stack unselect"]],
    ["stack select -s prod", ["stack select -s prod", "stack unselect"]],
    ["stack init prod --no-select", ["stack init prod --no-select"]],
    ["stack select missing", ["stack select missing"]],
  ])("%s runs %j", async (line, expected) => {
    const { run, folder } = await withFakePulumi();
    const stacks = { [`file://${join(folder, "state/pulumi")}`]: "local" };
    await writeFiles(folder, {
      [workspace]: JSON.stringify({ stacks }),
      "path/pulumi": shell(
        '[ "$1" = version ] && echo v3.259.0 && exit',
        'echo "$*"',
        '[ "$3" != missing ]',
      ),
    });
    const { code, stdout } = await run("pulumi.ts", ...line.split(" "));
    expect(stdout.trimEnd().split("\n")).toEqual(expected);
    expect(code).toBe(line.endsWith("missing") ? 1 : 0);
  });
});

describe("npm run local", () => {
  test.each([
    [["--wach"], "Unknown option '--wach'"],
    [["local"], "Unexpected argument 'local'"],
    [["--port"], "Option '--port <value>' argument missing"],
    [["--port", "80o"], "--port: '80o' is not a port; give a number from 0 to 65535."],
    [["--api-port", "65536"], "--api-port: '65536' is not a port"],
    [["--port", "9000", "--api-port", "9000"], "--port and --api-port are both 9000"],
    [["--once", "--watch"], "--once and --watch contradict each other"],
  ])("refuses %j", (args, message) => {
    expect(() => parseLocalOptions(args)).toThrow(message);
  });

  test("has defaults", () => {
    expect(parseLocalOptions(["--json"])).toEqual({
      once: false,
      watch: false,
      reset: false,
      json: true,
      port: 8_788,
      apiPort: 8_789,
    });
  });

  test("exits with 2 on a wrong option, before anything starts", async () => {
    const { run } = await withFakePulumi();
    const { code, stdout, stderr } = await run("local.ts", "--wach");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Unknown option '--wach'");
    expect(stderr).toContain("--help lists the options.");
  });

  test("explains itself", async () => {
    const { run } = await withFakePulumi();
    const { code, stdout } = await run("local.ts", "--help");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: npm run local/);
  });

  test("wants a stack with an address of its own", () => {
    expect(parseOutputs({ url: "http://a", wsUrl: "ws://a/ws" }).wsUrl).toBe("ws://a/ws");
    expect(() => parseOutputs({ wsUrl: "ws://a/ws" })).toThrow("output url is missing, not a URL");
  });
});

describe("an interrupt", () => {
  test("counts once when npm passes it on a second time", () => {
    const interruption = listenForInterrupts();
    onTestFinished(() => interruption.release());
    const counts: number[] = [];
    interruption.onEach((count) => counts.push(count));
    process.emit("SIGINT");
    process.emit("SIGINT");
    expect(counts).toEqual([1]);
    expect(interruption.signal.aborted).toBe(true);
  });

  test("reaches a child as SIGINT once, and its exit code comes back", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, {
      child: shell("trap 'exit 5' INT", "touch ready", "while :; do sleep 0.05; done"),
    });
    const interruption = createInterruption();
    const code = runGracefully(join(folder, "child"), [], { cwd: folder, interruption });
    await created(folder, "ready");
    interruption.interrupt();
    expect(await code).toBe(5);
  });

  test("that comes a third time kills a child that does not listen", async () => {
    const folder = temporaryFolder();
    await writeFiles(folder, {
      child: shell("trap '' INT", "touch ready", "while :; do sleep 0.05; done"),
    });
    const interruption = createInterruption();
    const code = runGracefully(join(folder, "child"), [], { cwd: folder, interruption });
    await created(folder, "ready");
    for (let count = 0; count < 3; count += 1) interruption.interrupt();
    expect(await code).toBe(128 + 9);
  });
});

/** Resolves when the file exists; `sh` makes it after its trap is set. */
async function created(folder: string, name: string): Promise<void> {
  const waiter = spawn("sh", ["-c", `until [ -e "${join(folder, name)}" ]; do sleep 0.01; done`]);
  await ended(waiter);
}
