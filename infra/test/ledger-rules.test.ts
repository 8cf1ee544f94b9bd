import { describe, expect, test } from "vitest";
import { classesAfter, classesAt, deletedBy, findLedgerFaults } from "../src/ledger-rules.ts";
import type { Migration } from "../src/ledger.ts";

const LEDGER: readonly Migration[] = [
  { tag: "v1", newSqliteClasses: ["Page", "Directory"] },
  { tag: "v2", renamedClasses: [{ from: "Page", to: "Room" }] },
  { tag: "v3", deletedClasses: ["Directory"], newSqliteClasses: ["Archive"] },
];

describe("the classes of a ledger", () => {
  test("follow from its entries in order", () => {
    expect(classesAfter([])).toEqual([]);
    expect(classesAfter(LEDGER)).toEqual(["Archive", "Room"]);
  });

  test("are known for each of its tags, and for no other", () => {
    expect(classesAt(LEDGER, "v1")).toEqual(["Directory", "Page"]);
    expect(classesAt(LEDGER, "v2")).toEqual(["Directory", "Room"]);
    expect(classesAt(LEDGER, "v9")).toBeUndefined();
  });

  test("that steps delete are named", () => {
    expect(deletedBy(LEDGER)).toEqual(["Directory"]);
  });
});

describe("a ledger", () => {
  test("that makes what the code is bound to has no faults", () => {
    expect(findLedgerFaults(LEDGER, ["Room", "Archive"])).toEqual([]);
  });

  test.each<[string, Migration[], string[]]>([
    ["uses a tag twice", [{ tag: "v3" }], ["entry 'v3' is there twice; a tag is used once"]],
    [
      "makes a class twice",
      [{ tag: "v4", newSqliteClasses: ["Room"] }],
      ["entry 'v4' makes the class Room, which is there already"],
    ],
    [
      "renames a class that is not there",
      [{ tag: "v4", renamedClasses: [{ from: "Page", to: "Hall" }] }],
      ["entry 'v4' renames the class Page, which is not there"],
    ],
    [
      "deletes a class that is not there",
      [{ tag: "v4", deletedClasses: ["Directory"] }],
      ["entry 'v4' deletes the class Directory, which is not there"],
    ],
  ])("that %s is at fault", (_what, more, faults) => {
    expect(findLedgerFaults([...LEDGER, ...more], ["Room"])).toEqual(faults);
  });

  test("that lacks a class which the code is bound to says how to rename one", () => {
    expect(findLedgerFaults(LEDGER, ["Room", "Hall"])).toEqual([
      "the code is bound to the class Hall, which the ledger does not make (it makes Archive, Room): for a renamed class append an entry with renamedClasses, which keeps its objects; for one more, an entry with newSqliteClasses",
    ]);
  });
});
