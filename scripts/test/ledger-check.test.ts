import { describe, expect, test } from "vitest";
import { capture } from "../lib/child.ts";
import { checkLedger, LEDGER_FILE, renderLedgerFaults } from "../lib/ledger-check.ts";
import { CHECKOUT } from "../lib/project.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

const V1 = '{ tag: "v1", newSqliteClasses: ["Page"] }';
const V2 =
  '{ tag: "v2", newSqliteClasses: ["Site"], renamedClasses: [{ from: "Page", to: "Room" }] }';
const V3 = '{ tag: "v3", deletedClasses: ["Site"] }';

/** A repository of its own, whose commits are ledgers. */
class Repository {
  readonly root: string = temporaryFolder();

  static async make(): Promise<Repository> {
    const repository = new Repository();
    await repository.git("init", "--quiet", "--initial-branch=main");
    return repository;
  }

  async git(...args: string[]): Promise<void> {
    const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    const { code, stderr } = await capture("git", [...identity, ...args], { cwd: this.root });
    if (code !== 0) throw new Error(stderr);
  }

  async write(...entries: string[]): Promise<void> {
    await writeFiles(this.root, { [LEDGER_FILE]: source(entries) });
  }

  /** Commits a ledger, and tags it when it is a release. */
  async commit(entries: readonly string[], tag?: string): Promise<void> {
    await this.write(...entries);
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--no-gpg-sign", "--allow-empty", "--message=x");
    if (tag !== undefined) await this.git("tag", tag);
  }
}

function source(entries: readonly string[]): string {
  return `interface Entry { readonly tag: string; readonly [key: string]: unknown }
export const LEDGER: readonly Entry[] = [${entries.join(", ")}];\n`;
}

/** A repository whose last release has these two entries. */
async function released(): Promise<Repository> {
  const repository = await Repository.make();
  await repository.commit([V1], "v1.0.0");
  await repository.commit([V1, V2], "@visitor-tracker/client@1.1.0");
  await repository.commit([V1, V2]);
  return repository;
}

describe("a ledger", () => {
  test("may be edited at will before the first release", async () => {
    const repository = await Repository.make();
    await repository.commit([V1]);
    await repository.git("tag", "nightly");
    await repository.write(V2);
    expect(await checkLedger(repository.root)).toEqual({
      summary:
        "The ledger has 1 entry; git knows no release tag before this commit, so there is nothing to compare with.",
      faults: [],
    });
  });

  test("may grow after a release", async () => {
    const repository = await released();
    await repository.write(V1, V2, V3);
    expect(await checkLedger(repository.root)).toEqual({
      summary: "The ledger has 3 entries; compared with @visitor-tracker/client@1.1.0.",
      faults: [],
    });
  });

  test("may be written in another way", async () => {
    const repository = await released();
    await repository.write(
      V1,
      '{\n  renamedClasses: [{ to: "Room", from: "Page" }],\n  newSqliteClasses: ["Site"],\n  tag: "v2",\n}',
    );
    expect((await checkLedger(repository.root)).faults).toEqual([]);
  });

  test.each([
    [
      "an entry was edited",
      [V1, V2.replace("Room", "Hall")],
      [
        `entry 'v2' was edited: it says {"newSqliteClasses":["Site"],"renamedClasses":[{"from":"Page","to":"Hall"}],"tag":"v2"} and was {"newSqliteClasses":["Site"],"renamedClasses":[{"from":"Page","to":"Room"}],"tag":"v2"}`,
      ],
    ],
    [
      "entries were reordered",
      [V2, V1],
      ["entry 'v1' was moved from place 1 to 2", "entry 'v2' was moved from place 2 to 1"],
    ],
    ["an entry was removed", [V1], ["entry 'v2' is gone"]],
    ["a tag was renamed", [V1.replace("v1", "first"), V2], ["entry 'v1' is gone"]],
    ["an entry was put between", [V1, V3, V2], ["entry 'v2' was moved from place 2 to 3"]],
  ])("fails when %s", async (_what, entries, faults) => {
    const repository = await released();
    await repository.write(...entries);
    expect((await checkLedger(repository.root)).faults).toEqual(
      faults.map((fault) => `${fault} (release @visitor-tracker/client@1.1.0)`),
    );
  });

  test("that a release itself has edited fails on that release, too", async () => {
    const repository = await Repository.make();
    await repository.commit([V1], "v1.0.0");
    await repository.commit([V2], "v2.0.0");
    expect(await checkLedger(repository.root)).toEqual({
      summary: "The ledger has 1 entry; compared with v1.0.0 and v2.0.0.",
      faults: ["entry 'v1' is gone (release v1.0.0)"],
    });
  });

  test("that came after the last release has nothing to keep to", async () => {
    const repository = await Repository.make();
    await writeFiles(repository.root, { README: "no ledger yet" });
    await repository.git("add", "--all");
    await repository.git("commit", "--quiet", "--no-gpg-sign", "--message=x");
    await repository.git("tag", "v0.1.0");
    await repository.commit([V1]);
    expect((await checkLedger(repository.root)).faults).toEqual([]);
  });

  test("that is no list is an error", async () => {
    const repository = await Repository.make();
    await writeFiles(repository.root, { [LEDGER_FILE]: "export const LEDGER = 1;\n" });
    await expect(checkLedger(repository.root)).rejects.toThrow(
      "infra/src/ledger.ts exports no list LEDGER.",
    );
  });
});

describe("npm run check:ledger", () => {
  test("says what is wrong and what to do", () => {
    expect(renderLedgerFaults(["entry 'v1' is gone (release v1.0.0)"])).toBe(
      [
        "What was released must not be edited, since deployed scripts go on from the tag they are at:",
        "  entry 'v1' is gone (release v1.0.0)",
        "Put these entries back (git show <release>:infra/src/ledger.ts), and append an entry that does what you want.",
      ].join("\n"),
    );
  });

  test("passes on this checkout, and says what it has compared with", async () => {
    const run = await capture(process.execPath, ["scripts/ledger-check.ts"], { cwd: CHECKOUT });
    expect(run.stderr).toBe("");
    expect(run.stdout).toMatch(/^The ledger has \d+ entries; (?:compared with|git knows no)/);
    expect(run.code).toBe(0);
  });
});
