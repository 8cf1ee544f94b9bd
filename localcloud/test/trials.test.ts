import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { isRecord } from "../src/lib/unknown.ts";

const run = promisify(execFile);

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

async function trial(name: string, ...args: string[]): Promise<Ended> {
  const file = fileURLToPath(new URL(`../trials/${name}.ts`, import.meta.url));
  try {
    return { code: 0, ...(await run(process.execPath, [file, ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = isRecord(error) ? error : {};
    return { code: Number(code), stdout: String(stdout), stderr: String(stderr) };
  }
}

describe.each([
  ["kill", "npm run localcloud:kill --", ["rounds", "seed"]],
  ["soak", "npm run localcloud:soak --", ["deploys", "every", "activity-every", "resets"]],
  ["latency", "node localcloud/trials/latency.ts", ["starts", "deploys"]],
])("the trial %s", (name, command, options) => {
  test("tells with --help how it is used, and does nothing", async () => {
    const { code, stdout, stderr } = await trial(name, "--help");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Usage: ${command} [options]`);
    expect([...stdout.matchAll(/^ {2}--([\w-]+) <number> /gm)].map(([, option]) => option)).toEqual(
      options,
    );
  });

  test("refuses an option that it does not have, with those that it has", async () => {
    const known = options.map((option) => `--${option}`).join(", ");
    expect(await trial(name, "--nothing", "1")).toEqual({
      code: 2,
      stdout: "",
      stderr: `'--nothing' is no option of ${command}; it has ${known}.\n`,
    });
  });

  test("refuses what is no number", async () => {
    expect(await trial(name, `--${options[0]}`, "many")).toEqual({
      code: 2,
      stdout: "",
      stderr: `--${options[0]}: 'many' is not a whole number.\n`,
    });
  });
});

test.each([
  [["--rounds", "0"], "--rounds: '0' is too few; use 1 or more."],
  [["--rounds"], "--rounds needs a value; see npm run localcloud:kill -- --help."],
  [["now"], "npm run localcloud:kill -- takes no 'now'; see npm run localcloud:kill -- --help."],
])("%j is refused with what to give", async (args, message) => {
  expect(await trial("kill", ...args)).toEqual({ code: 2, stdout: "", stderr: `${message}\n` });
});
