import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classesAfter, findLedgerFaults } from "../src/ledger-rules.ts";
import { LEDGER, type Migration } from "../src/ledger.ts";
import { parseMigrations, pendingMigrations } from "../src/migrations.ts";
import { DURABLE_OBJECT_CLASSES } from "../src/script-inputs.ts";

const THREE: readonly Migration[] = [
  { tag: "v1", newSqliteClasses: ["Page"] },
  { tag: "v2", newSqliteClasses: ["Directory"], renamedClasses: [{ from: "Page", to: "Room" }] },
  { tag: "v3", deletedClasses: ["Directory"] },
];

describe("the ledger", () => {
  test("begins with the entries that deployed scripts know as v1 and v2", () => {
    expect(LEDGER.slice(0, 2)).toEqual([
      { tag: "v1", newSqliteClasses: ["PageCounter"] },
      { tag: "v2", newSqliteClasses: ["SiteDirectory"] },
    ]);
  });

  test("takes a script from v1 to the directory of sites without touching its pages", () => {
    expect(pendingMigrations(LEDGER, "v1")).toEqual({
      oldTag: "v1",
      newTag: "v2",
      steps: [{ newSqliteClasses: ["SiteDirectory"] }],
    });
  });

  test("leaves exactly the classes that the script is bound to", () => {
    expect(classesAfter(LEDGER)).toEqual(Object.values(DURABLE_OBJECT_CLASSES).toSorted());
  });

  test("has no faults", () => {
    expect(findLedgerFaults(LEDGER, Object.values(DURABLE_OBJECT_CLASSES))).toEqual([]);
  });
});

describe("pendingMigrations", () => {
  test("gives a new script the whole ledger, without an old tag", () => {
    expect(pendingMigrations(THREE, undefined)).toEqual({
      newTag: "v3",
      steps: [
        { newSqliteClasses: ["Page"] },
        { newSqliteClasses: ["Directory"], renamedClasses: [{ from: "Page", to: "Room" }] },
        { deletedClasses: ["Directory"] },
      ],
    });
  });

  test("treats an empty tag as none, as the API lists a script that never had one", () => {
    expect(pendingMigrations(LEDGER, "")).toEqual({
      newTag: "v2",
      steps: [{ newSqliteClasses: ["PageCounter"] }, { newSqliteClasses: ["SiteDirectory"] }],
    });
  });

  test("gives what comes after the deployed tag, and says which it builds on", () => {
    expect(pendingMigrations(THREE, "v2")).toEqual({
      oldTag: "v2",
      newTag: "v3",
      steps: [{ deletedClasses: ["Directory"] }],
    });
  });

  test("gives nothing when the last tag is deployed", () => {
    expect(pendingMigrations(THREE, "v3")).toBeUndefined();
  });

  test("gives nothing for a Worker without Durable Objects", () => {
    expect(pendingMigrations([], undefined)).toBeUndefined();
  });

  test("refuses a deployed tag that it does not know, and says what it means", () => {
    expect(() => pendingMigrations(THREE, "v9")).toThrow(
      "The deployed script is at migration tag 'v9', which this code does not know (it knows v1, v2, v3). " +
        "The script was deployed by a newer version of this code, or it belongs to another project. " +
        "Deploy with the version that knows the tag, or give this stack a script of its own: " +
        "pulumi config set scriptName <another name>. Nothing was changed.",
    );
  });

  test("any two uploads of a growing ledger send each step exactly once, in order", () => {
    fc.assert(
      fc.property(ledgers(), fc.nat(), (ledger, cut) => {
        const first = ledger.slice(0, 1 + (cut % ledger.length));
        const before = pendingMigrations(first, undefined);
        const after = pendingMigrations(ledger, before?.newTag);
        expect([...(before?.steps ?? []), ...(after?.steps ?? [])]).toEqual(
          pendingMigrations(ledger, undefined)?.steps,
        );
        expect(after?.oldTag ?? before?.newTag).toBe(before?.newTag);
        expect(after?.newTag ?? before?.newTag).toBe(ledger.at(-1)?.tag);
      }),
    );
  });

  test("nothing is pending once what was pending is deployed", () => {
    fc.assert(
      fc.property(ledgers(), fc.nat(), (ledger, index) => {
        const deployed = ledger[index % ledger.length]?.tag;
        const pending = pendingMigrations(ledger, deployed);
        expect(pendingMigrations(ledger, pending?.newTag ?? deployed)).toBeUndefined();
      }),
    );
  });

  test("a tag that is not in the ledger is always refused", () => {
    fc.assert(
      fc.property(ledgers(), fc.string({ minLength: 1 }), (ledger, tag) => {
        fc.pre(ledger.every((migration) => migration.tag !== tag));
        expect(() => pendingMigrations(ledger, tag)).toThrow(`migration tag '${tag}'`);
      }),
    );
  });
});

describe("parseMigrations", () => {
  test("reads back what was written to the stack's outputs", () => {
    fc.assert(
      fc.property(ledgers(), fc.nat(), (ledger, index) => {
        const pending = pendingMigrations(ledger, ledger[index % (ledger.length + 1)]?.tag);
        const stored: unknown =
          pending === undefined ? undefined : JSON.parse(JSON.stringify(pending));
        expect(parseMigrations(stored)).toEqual(pending);
      }),
    );
  });

  test.each([
    ["nothing", undefined],
    ["text", "v1"],
    ["no new tag", { steps: [] }],
    ["an old tag that is not text", { oldTag: 1, newTag: "v1", steps: [] }],
    ["no steps", { newTag: "v1" }],
    ["a step that is not an object", { newTag: "v1", steps: ["Page"] }],
    ["a step of a later version", { newTag: "v1", steps: [{ transferredClasses: [] }] }],
    ["classes that are not text", { newTag: "v1", steps: [{ newSqliteClasses: [1] }] }],
    ["a rename without a target", { newTag: "v1", steps: [{ renamedClasses: [{ from: "A" }] }] }],
    ["deleted classes that are no list", { newTag: "v1", steps: [{ deletedClasses: "A" }] }],
  ])("ignores %s", (_what, stored) => {
    expect(parseMigrations(stored)).toBeUndefined();
  });
});

/** Ledgers of one entry or more, with distinct tags. */
function ledgers(): fc.Arbitrary<Migration[]> {
  const classes = fc.array(fc.string({ minLength: 1 }), { minLength: 1 });
  const migration = fc.record(
    {
      tag: fc.string({ minLength: 1 }),
      newSqliteClasses: classes,
      renamedClasses: fc.array(fc.record({ from: fc.string(), to: fc.string() }), { minLength: 1 }),
      deletedClasses: classes,
    },
    { requiredKeys: ["tag"] },
  );
  return fc.uniqueArray(migration, { minLength: 1, selector: ({ tag }) => tag });
}
