import { describe, expect, test } from "vitest";
import { continueFrom } from "../src/adoption.ts";
import type { Migration } from "../src/ledger.ts";
import { pendingMigrations } from "../src/migrations.ts";

const LEDGER: readonly Migration[] = [
  { tag: "v1", newSqliteClasses: ["PageCounter"] },
  { tag: "v2", newSqliteClasses: ["SiteDirectory"] },
];

/** What the next upload says about migrations. */
function sent(tag: string, classes: string[], renamed: { [from: string]: string } = {}) {
  const next = continueFrom(LEDGER, { tag, classes }, renamed);
  if (next.fault !== undefined) return next.fault;
  return pendingMigrations(next.ledger, tag);
}

describe("an adopted script", () => {
  test("of this code goes on in the ledger", () => {
    expect(sent("v1", ["PageCounter"])).toEqual(pendingMigrations(LEDGER, "v1"));
    expect(sent("v2", ["SiteDirectory", "PageCounter"])).toBeUndefined();
  });

  test("without objects goes through the whole ledger", () => {
    expect(sent("", [])).toEqual(pendingMigrations(LEDGER, undefined));
  });

  test("with a tag and a class of its own keeps the objects under our name", () => {
    expect(sent("first", ["VisitorCounter"], { VisitorCounter: "PageCounter" })).toEqual({
      oldTag: "first",
      newTag: "v2",
      steps: [
        {
          newSqliteClasses: ["SiteDirectory"],
          renamedClasses: [{ from: "VisitorCounter", to: "PageCounter" }],
        },
      ],
    });
  });

  test("whose tag is one of ours by chance is not taken for ours", () => {
    expect(sent("v1", ["Room"], { Room: "PageCounter" })).toMatchObject({
      oldTag: "v1",
      newTag: "v2",
      steps: [{ renamedClasses: [{ from: "Room", to: "PageCounter" }] }],
    });
  });

  test("whose classes are called as ours needs no names", () => {
    expect(sent("first", ["PageCounter"])).toEqual({
      oldTag: "first",
      newTag: "v2",
      steps: [{ newSqliteClasses: ["SiteDirectory"] }],
    });
  });

  test("with objects and without a tag is given the newest", () => {
    expect(sent("", ["Room"], { Room: "PageCounter" })).toEqual({
      newTag: "v2",
      steps: [
        {
          newSqliteClasses: ["SiteDirectory"],
          renamedClasses: [{ from: "Room", to: "PageCounter" }],
        },
      ],
    });
  });

  test.each([
    ["first", ["Room"], {}, { kind: "unknown class", name: "Room" }],
    ["v2", ["PageCounter", "Room"], {}, { kind: "unknown class", name: "Room" }],
    ["first", ["Room"], { Hall: "PageCounter" }, { kind: "no such class", name: "Hall" }],
    ["v1", ["PageCounter"], { Hall: "PageCounter" }, { kind: "no such class", name: "Hall" }],
    ["first", ["Room"], { Room: "Hall" }, { kind: "not ours", name: "Hall" }],
  ])("at %s with %j and the names %j is refused", (tag, classes, renamed, fault) => {
    expect(sent(tag, classes, renamed)).toEqual(fault);
  });
});
