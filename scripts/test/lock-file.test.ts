import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockHolder, lockText, takeLockFile } from "../lib/lock-file.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

/** Above the largest process id that Linux gives. */
const DEAD_PID = 2 ** 22 + 1;
const STALE = `${DEAD_PID} then id`;

describe("a lock file", () => {
  test("is taken by one, and tells the others whose it is", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "lock");
    const mine = lockText();
    expect(await takeLockFile(path, mine, textIfHeld)).toBeNull();
    expect(await takeLockFile(path, lockText(), textIfHeld)).toBe(mine);
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test.each([
    ["of a process that is gone", STALE],
    ["of an earlier process with our id", `${process.pid} then id`],
    ["that was cut off", `${process.pid}`],
    ["that is empty", ""],
  ])("%s is taken over", async (_whose, content) => {
    const folder = temporaryFolder();
    const path = join(folder, "lock");
    await writeFiles(folder, { lock: content });
    const mine = lockText();
    expect(await takeLockFile(path, mine, textIfHeld)).toBeNull();
    expect(readFileSync(path, "utf8")).toBe(mine);
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test("of a process that is gone goes to one of many that want it at once", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "lock");
    await writeFiles(folder, { lock: STALE });
    const wants = Array.from({ length: 20 }, () => lockText());
    const answers = await Promise.all(wants.map((mine) => takeLockFile(path, mine, textIfHeld)));
    const winners = wants.filter((_mine, index) => answers[index] === null);
    expect(winners).toEqual([readFileSync(path, "utf8")]);
    expect(new Set(answers)).toEqual(new Set([null, winners[0]]));
    expect(readdirSync(folder)).toEqual(["lock"]);
  });

  test("that another process takes over at the same moment stays with that one", async () => {
    const path = join(temporaryFolder(), "lock");
    writeFileSync(path, STALE);
    const other = lockText();
    const answer = await takeLockFile(path, lockText(), (text) => {
      if (text === STALE) writeFileSync(path, other);
      return textIfHeld(text);
    });
    expect(answer).toBe(other);
    expect(readFileSync(path, "utf8")).toBe(other);
  });

  test("is taken over although a process was killed in the middle of that", async () => {
    const folder = temporaryFolder();
    const digest = createHash("sha256").update(STALE).digest("hex");
    await writeFiles(folder, { lock: STALE, [`lock.${digest.slice(0, 16)}`]: `${STALE}2` });
    expect(await takeLockFile(join(folder, "lock"), lockText(), textIfHeld)).toBeNull();
    expect(readdirSync(folder)).toEqual(["lock"]);
  });
});

function textIfHeld(text: string): string | null {
  return lockHolder(text) === process.pid ? text : null;
}
