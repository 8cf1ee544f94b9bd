import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startLocalCloud } from "../../localcloud/src/index.ts";
import { createInterruption } from "../lib/interruption.ts";
import { openSession } from "../lib/local-session.ts";
import { CHECKOUT, openProject, type Project } from "../lib/project.ts";
import { openStateFolder, refuseFolder } from "../lib/state-folder.ts";
import { recordingReporter, temporaryFolder, writeFiles } from "./support.ts";

function project(): Project {
  return openProject({ root: temporaryFolder(), stateDir: ".local" });
}

describe("the state folder", () => {
  test("is .local when nothing, or an empty name, is given", () => {
    expect(openProject({ root: "/checkout", stateDir: "" }).stateDir).toBe("/checkout/.local");
    expect(openProject({ root: "/checkout", stateDir: "/a/b/" }).stateDir).toBe("/a/b");
  });

  test.each([
    [".", "/home/checkout is the checkout /home/checkout"],
    ["infra/..", "/home/checkout is the checkout /home/checkout"],
    ["..", "/home holds the checkout /home/checkout"],
    ["/", "/ holds the checkout /home/checkout"],
  ])("cannot be %j", (stateDir, reason) => {
    expect(() => openProject({ root: "/home/checkout", stateDir })).toThrow(
      `VISITOR_TRACKER_STATE_DIR: ${reason}; name a folder that is only for this, such as .local-2.`,
    );
  });

  test("may begin with the checkout's name, or with dots", () => {
    expect(openProject({ root: CHECKOUT, stateDir: `${CHECKOUT}-2` }).stateDir).toBe(
      `${CHECKOUT}-2`,
    );
    expect(openProject({ root: CHECKOUT, stateDir: "..x" }).stateDir).toBe(`${CHECKOUT}/..x`);
  });

  test("is made, marked, and taken again whatever is in it", async () => {
    const here = openProject({ root: temporaryFolder(), stateDir: "a/b" });
    await openStateFolder(here);
    await writeFiles(here.stateDir, { "pulumi/x": "" });
    await openStateFolder(here);
    expect(readdirSync(here.stateDir).toSorted()).toEqual([".visitor-tracker", "pulumi"]);
  });

  test.each([
    ["running.json", '{\n  "pid": 7,\n  "startedAt": null,\n  "root": "/checkout"\n}\n'],
    ["stack/Pulumi.local.yaml", "config:\n  visitor-tracker:cloudflareBaseUrl: http://a\n"],
  ])("of before there were marks is known by its %s, and marked", async (name, content) => {
    const here = openProject({ root: temporaryFolder(), stateDir: "old" });
    await writeFiles(here.stateDir, { [name]: content, "cloud/state.json": "{}" });
    await openStateFolder(here);
    expect(readdirSync(here.stateDir)).toContain(".visitor-tracker");
  });

  test.each(["running.json", "stack/Pulumi.local.yaml"])(
    "is not known by a %s of something else",
    async (name) => {
      const here = openProject({ root: temporaryFolder(), stateDir: "old" });
      await writeFiles(here.stateDir, { [name]: "{}" });
      await expect(openStateFolder(here)).rejects.toThrow(
        "has files in it and no .visitor-tracker",
      );
    },
  );

  test("that is a file is refused with its name and what to do", async () => {
    const root = temporaryFolder();
    await writeFiles(root, { state: "" });
    for (const stateDir of ["state", "state/below"]) {
      const here = openProject({ root, stateDir });
      await expect(openSession(here, sessionOptions())).rejects.toThrow(
        new RegExp(
          `^The state folder ${here.stateDir} cannot be used: E(?:EXIST|NOTDIR)\\b.* Make it a folder ` +
            "that you may write to, or name another one: VISITOR_TRACKER_STATE_DIR=<folder> npm run local\\.$",
        ),
      );
    }
  });

  test("on a read-only file system is refused in the same words", () => {
    const here = project();
    const failure = Object.assign(new Error("EROFS: read-only file system, mkdir"), {
      code: "EROFS",
    });
    expect(() => refuseFolder(here, failure)).toThrow(
      `The state folder ${here.stateDir} cannot be used: EROFS: read-only file system, mkdir. Make`,
    );
    const other = new Error("another");
    expect(() => refuseFolder(here, other)).toThrow(other);
  });
});

describe("npm run local -- --reset", () => {
  const STATE = ".local/pulumi/state.json";

  test("forgets the stack and what the local cloud has", async () => {
    const here = project();
    await writeFiles(here.root, { [STATE]: "{}", ".local/cloud/state.json": "{}" });
    expect(await resetOnly(here)).toEqual(["reset: forgot stack local and its data"]);
    expect(readdirSync(here.cloudDir)).toEqual([]);
    expect(existsSync(join(here.root, STATE))).toBe(false);
    expect(existsSync(here.runningFile)).toBe(false);
  });

  test.each([
    ["acct1.json", "acct1"],
    ["visitor-tracker/prod.json.gz", "visitor-tracker/prod"],
    ["shop/local.json", "shop/local"],
  ])("is refused, and forgets nothing, while the backend has %s", async (file, name) => {
    const here = project();
    const stacks = ".local/pulumi/.pulumi/stacks";
    const files = [`${stacks}/${file}`, `${stacks}/visitor-tracker/local.json`];
    const cloud = ".local/cloud/state.json";
    await writeFiles(here.root, Object.fromEntries([...files, cloud].map((path) => [path, "{}"])));
    await expect(openSession(here, sessionOptions())).rejects.toThrow(
      `Nothing was reset: ${here.backendDir} holds more than stack local: ${name}. Move them`,
    );
    for (const path of [...files, cloud]) {
      expect(readFileSync(join(here.root, path), "utf8")).toBe("{}");
    }
    expect(existsSync(here.runningFile)).toBe(false);
  });

  test("removes backups and compressed checkpoints of its own stack", async () => {
    const here = project();
    const stacks = ".local/pulumi/.pulumi/stacks/visitor-tracker";
    const names = ["local.json", "local.json.bak", "local.json.gz", "local.json.attrs"];
    const files = names.map((name) => [`${stacks}/${name}`, "{}"]);
    await writeFiles(here.root, Object.fromEntries(files));
    expect(await resetOnly(here)).toEqual(["reset: forgot stack local and its data"]);
    expect(existsSync(here.backendDir)).toBe(false);
  });

  test("is refused in a folder that is not ours, and so is a run that would make it look ours", async () => {
    const root = temporaryFolder();
    const here = openProject({ root, stateDir: "mine" });
    await writeFiles(here.stateDir, { "pulumi/notes.txt": "mine" });
    const refusal =
      `${here.stateDir} has files in it and no .visitor-tracker, so npm run local does not take it ` +
      "for its state folder, which --reset empties. Let VISITOR_TRACKER_STATE_DIR name a new or an " +
      "empty folder; if everything in this one may go, mark it: touch " +
      join(here.stateDir, ".visitor-tracker");
    for (const reset of [true, false]) {
      await expect(openSession(here, { ...sessionOptions(), reset })).rejects.toThrow(refusal);
    }
    expect(readdirSync(here.stateDir)).toEqual(["pulumi"]);
    expect(readdirSync(join(here.stateDir, "pulumi"))).toEqual(["notes.txt"]);
  });

  test("is refused while a local cloud has the folder, and forgets nothing", async () => {
    const here = project();
    await writeFiles(here.root, { [STATE]: "{}" });
    const cloud = await startLocalCloud({ dir: here.cloudDir, port: 0, edgePort: 0 });
    onTestFinished(() => cloud.close());
    const before = readFileSync(join(here.cloudDir, "state.json"), "utf8");
    const options = sessionOptions();
    await expect(openSession(here, options)).rejects.toThrow(
      `Nothing was reset: ${here.cloudDir} is in use by process ${process.pid}. Stop that process`,
    );
    expect(readFileSync(join(here.cloudDir, "state.json"), "utf8")).toBe(before);
    expect(existsSync(join(here.root, STATE))).toBe(true);
    expect(options.reporter.lines).toEqual([]);
  });
});

/** Of a run that resets. */
function sessionOptions(): Parameters<typeof openSession>[1] & {
  reporter: ReturnType<typeof recordingReporter>;
} {
  const interruption = createInterruption();
  return { reporter: recordingReporter(), interruption, port: 0, apiPort: 0, reset: true };
}

/** Opens a session that ends at its first line, which is the reset's: no engine is looked for. */
async function resetOnly(here: Project): Promise<string[]> {
  const lines: string[] = [];
  const stop = new Error("far enough");
  const line = (text: string): void => {
    lines.push(text);
    throw stop;
  };
  const reporter = { ...recordingReporter(), line };
  await expect(openSession(here, { ...sessionOptions(), reporter })).rejects.toBe(stop);
  return lines;
}
