import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkCheckpoint, START_OVER } from "../lib/checkpoint.ts";
import { openProject, type Project } from "../lib/project.ts";
import { checkpointFile } from "../lib/pulumi.ts";
import { recordingReporter, serve, temporaryFolder, UNREACHABLE, writeFiles } from "./support.ts";

const FOLDER = ".local/pulumi/.pulumi/stacks/visitor-tracker";
/** As `pulumi stack init` writes it. */
const WHOLE = JSON.stringify({ version: 3, checkpoint: { stack: "local", latest: null } });

/** No API is asked while there is a checkpoint. */
const NO_CLOUD = { apiUrl: UNREACHABLE, accountId: "account" };

async function projectWith(files: Record<string, string>): Promise<Project> {
  const root = temporaryFolder();
  const paths = Object.entries(files).map(([name, text]) => [`${FOLDER}/${name}`, text]);
  await writeFiles(root, Object.fromEntries(paths));
  return openProject({ root, stateDir: ".local" });
}

const BROKEN = ["", WHOLE.slice(0, -1), "\0\0\0", "null", "{}", '{"checkpoint": null}', "<html>"];

describe("a checkpoint", () => {
  test("that is whole stays as it is, without a word", async () => {
    const here = await projectWith({ "local.json": WHOLE, "local.json.bak": "{}" });
    const reporter = recordingReporter();
    await checkCheckpoint(here, NO_CLOUD, reporter);
    expect(readFileSync(checkpointFile(here), "utf8")).toBe(WHOLE);
    expect(reporter.lines).toEqual([]);
  });

  test.each(BROKEN)("that says %j is replaced by its backup", async (text) => {
    const here = await projectWith({ "local.json": text, "local.json.bak": WHOLE });
    const reporter = recordingReporter();
    await checkCheckpoint(here, NO_CLOUD, reporter);
    const file = checkpointFile(here);
    expect(readFileSync(file, "utf8")).toBe(WHOLE);
    expect(readFileSync(`${file}.bak`, "utf8")).toBe(WHOLE);
    expect(reporter.lines).toEqual([
      `stack: ${file} was not whole; took its backup, local.json.bak`,
    ]);
  });

  test.each([
    [{ "local.json": "" }, "there is no backup"],
    [{ "local.json": "{", "local.json.bak": "" }, "neither is its backup"],
  ])("that cannot be replaced is named: %j", async (files, state) => {
    const here = await projectWith(files);
    const file = checkpointFile(here);
    await expect(checkCheckpoint(here, NO_CLOUD, recordingReporter())).rejects.toThrow(
      `${file}, Pulumi's state of stack local, is not whole (a full disk does that), and ${state} ` +
        `(${file}.bak). ${START_OVER}`,
    );
    expect(readFileSync(file, "utf8")).toBe(files["local.json"]);
  });

  test("may be missing while the local cloud is empty; a removed stack's backup stays one", async () => {
    const here = await projectWith({ "local.json.bak": WHOLE });
    const requests: string[] = [];
    const apiUrl = await serve(({ method, url }, response) => {
      requests.push(`${method} ${url}`);
      response.end(JSON.stringify({ success: true, result: [] }));
    });
    await checkCheckpoint(here, { apiUrl, accountId: "account" }, recordingReporter());
    expect(requests).toEqual(["GET /accounts/account/workers/scripts"]);
    expect(existsSync(checkpointFile(here))).toBe(false);
  });

  test("that is missing while the local cloud has scripts is a refusal", async () => {
    const here = await projectWith({});
    const apiUrl = await serve((_request, response) => {
      response.end(JSON.stringify({ success: true, result: [{ id: "one" }, { id: "two" }] }));
    });
    await expect(
      checkCheckpoint(here, { apiUrl, accountId: "account" }, recordingReporter()),
    ).rejects.toThrow(
      `The local cloud has scripts (one, two), but Pulumi's state of stack local, ` +
        `${checkpointFile(here)}, is gone, so pulumi up would try to make them again. Put the file ` +
        `back, or: ${START_OVER}`,
    );
  });
});
