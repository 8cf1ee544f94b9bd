import { describe, expect, test } from "vitest";
import { parseMigrations } from "../src/deploy/migration-parser.ts";
import { type MigrationInput, type MigrationResult, migrate } from "../src/deploy/migrations.ts";
import type { Namespace } from "../src/model/state.ts";

const ALICE: Namespace = { id: "ns-a", script: "app", className: "Alice", useSqlite: true };
const REMOTE: Namespace = { id: "ns-r", script: "other", className: "Remote", useSqlite: true };

function run(migrations: unknown, input: Partial<MigrationInput> = {}): MigrationResult {
  return migrate({
    script: "app",
    migrations: parseMigrations(migrations),
    exports: new Set(["Alice", "Bob", "Carol", "Dave"]),
    bindings: [],
    deployedBindings: [],
    namespaces: [],
    currentTag: null,
    scripts: new Set(["app", "other"]),
    plan: "paid",
    newNamespaceId: (className) => `ns-${className}`,
    ...input,
  });
}

function binding(className: string, scriptName?: string): MigrationInput["bindings"][number] {
  const remote = scriptName === undefined ? {} : { script_name: scriptName };
  return { type: "durable_object_namespace", name: "ROOM", class_name: className, ...remote };
}

/** `status code message` of what it throws. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Error && "code" in error && "status" in error) {
      return `${String(error.status)} ${String(error.code)} ${error.message}`;
    }
    throw error;
  }
  throw new Error("Nothing was refused.");
}

describe("the migration tag", () => {
  test("a script's first migration makes its classes and sets its tag", () => {
    const { namespaces, tag } = run({ new_tag: "v1", steps: [{ new_sqlite_classes: ["Alice"] }] });
    expect({ namespaces, tag }).toEqual({
      namespaces: [{ id: "ns-Alice", script: "app", className: "Alice", useSqlite: true }],
      tag: "v1",
    });
  });

  test("a migration without old_tag is refused once the script has a tag", () => {
    expect(
      refusal(() =>
        run(
          { new_tag: "v1", new_sqlite_classes: ["Alice"] },
          { currentTag: "v1", namespaces: [ALICE] },
        ),
      ),
    ).toBe(
      "412 10079 Actor migration tag precondition failed, got tag '' when expected tag is 'v1'. Please make sure the tags match and try again.",
    );
  });

  test("a migration from a tag that the script does not have is refused", () => {
    expect(refusal(() => run({ old_tag: "v1", new_tag: "v2" }))).toBe(
      "412 10079 Actor migration tag precondition failed, got tag 'v1' when expected tag is ''. Please make sure the tags match and try again.",
    );
  });

  test("an upload without migrations leaves tag and classes alone", () => {
    const { namespaces, tag } = run(undefined, { currentTag: "v3", namespaces: [ALICE] });
    expect({ namespaces, tag }).toEqual({ namespaces: [ALICE], tag: "v3" });
  });

  test("a migration from a tag to the same tag without steps changes nothing", () => {
    const { namespaces, tag } = run(
      { old_tag: "v1", new_tag: "v1" },
      { currentTag: "v1", namespaces: [ALICE] },
    );
    expect({ namespaces, tag }).toEqual({ namespaces: [ALICE], tag: "v1" });
  });

  test("the tag moves on when a later step is sent with the tag before it", () => {
    const migrations = { old_tag: "v1", new_tag: "v2", steps: [{ new_classes: ["Bob"] }] };
    const { namespaces, tag } = run(migrations, { currentTag: "v1", namespaces: [ALICE] });
    expect({ namespaces, tag }).toEqual({
      namespaces: [ALICE, { id: "ns-Bob", script: "app", className: "Bob", useSqlite: false }],
      tag: "v2",
    });
  });
});

describe("classes", () => {
  test("renaming a class keeps its namespace", () => {
    const { namespaces } = run(
      { renamed_classes: [{ from: "Alice", to: "Bob" }] },
      { namespaces: [ALICE], exports: new Set(["Bob"]) },
    );
    expect(namespaces).toEqual([{ ...ALICE, className: "Bob" }]);
  });

  test("transferring a class moves its namespace to the script that asks", () => {
    const { namespaces } = run(
      { transferred_classes: [{ from: "Remote", from_script: "other", to: "Carol" }] },
      { namespaces: [REMOTE] },
    );
    expect(namespaces).toEqual([{ ...REMOTE, script: "app", className: "Carol" }]);
  });

  test("deleting a class gives up its namespace", () => {
    const { namespaces, deleted } = run(
      { deleted_classes: ["Alice"] },
      { namespaces: [ALICE, REMOTE] },
    );
    expect({ namespaces, deleted }).toEqual({ namespaces: [REMOTE], deleted: [ALICE] });
  });

  test("a ledger that makes, renames and deletes a class may be applied at once", () => {
    const steps = [
      { new_sqlite_classes: ["Gone"] },
      { renamed_classes: [{ from: "Gone", to: "AlsoGone" }] },
      { deleted_classes: ["AlsoGone"], new_sqlite_classes: ["Bob"] },
    ];
    const { namespaces, deleted } = run({ new_tag: "v3", steps });
    expect(namespaces.map(({ className }) => className)).toEqual(["Bob"]);
    expect(deleted.map(({ id }) => id)).toEqual(["ns-Gone"]);
  });

  test.each([
    [
      "a new class that is not exported",
      { new_sqlite_classes: ["Eve"] },
      "400 10070 Cannot apply new-sqlite-class migration to class Eve that is not exported by script",
    ],
    [
      "a rename to a class that is not exported",
      { renamed_classes: [{ from: "Alice", to: "Eve" }] },
      "400 10070 Cannot apply rename-class migration to class Eve that is not exported by script",
    ],
    [
      "a new class that there is already",
      { new_sqlite_classes: ["Alice"] },
      "400 10074 Cannot apply new-sqlite-class migration to class 'Alice' that is already depended on by existing Durable Objects",
    ],
    [
      "a rename to a class that there is already",
      { new_classes: ["Bob"], renamed_classes: [{ from: "Alice", to: "Bob" }] },
      "400 10074 Class 'Bob' cannot be the target of more than one migration",
    ],
    [
      "a rename of a class that there is not",
      { renamed_classes: [{ from: "Bob", to: "Carol" }] },
      "400 10074 Cannot apply rename-class migration to class 'Bob' of script 'app' that does not exist",
    ],
    [
      "a transfer from a script that has no such class",
      { transferred_classes: [{ from: "Nobody", from_script: "other", to: "Carol" }] },
      "400 10074 Cannot apply transfer-class migration to class 'Nobody' of script 'other' that does not exist",
    ],
    [
      "a deletion of a class that there is not",
      { deleted_classes: ["Bob"] },
      "400 10074 Cannot apply delete-class migration to class 'Bob' of script 'app' that does not exist",
    ],
  ])("%s is refused", (_, migrations, expected) => {
    expect(refusal(() => run(migrations, { namespaces: [ALICE] }))).toBe(expected);
  });

  test("code that lacks a class with objects is refused", () => {
    expect(refusal(() => run(undefined, { namespaces: [ALICE], exports: new Set(["Bob"]) }))).toBe(
      "400 10064 New version of script does not export class 'Alice' which is depended on by existing Durable Objects. If you want to delete the class's Durable Objects, try a delete-class migration.",
    );
  });

  test("what it was given is left as it was when it refuses", () => {
    const namespaces = [{ ...ALICE }];
    const steps = [
      { renamed_classes: [{ from: "Alice", to: "Bob" }] },
      { deleted_classes: ["Nobody"] },
    ];
    refusal(() => run({ new_tag: "v1", steps }, { namespaces }));
    expect(namespaces).toEqual([ALICE]);
  });
});

describe("bindings", () => {
  test("a binding to a class gets the id of its namespace", () => {
    const { bindings } = run({ new_sqlite_classes: ["Alice"] }, { bindings: [binding("Alice")] });
    expect(bindings).toEqual([{ ...binding("Alice"), namespace_id: "ns-Alice" }]);
  });

  test("a binding may name a class of another script", () => {
    const { bindings } = run(undefined, {
      bindings: [binding("Remote", "other")],
      namespaces: [REMOTE],
    });
    expect(bindings).toEqual([{ ...binding("Remote", "other"), namespace_id: "ns-r" }]);
  });

  test.each([
    [
      "an exported class without a migration",
      binding("Bob"),
      "400 10061 Cannot create binding for class 'Bob' because it is not currently configured to implement Durable Objects. Ensure a --new-class migration has been applied to it.",
    ],
    [
      "a class that is not exported",
      binding("Eve"),
      "400 10061 Cannot create binding for class 'Eve' that is not exported by script 'app'.",
    ],
    [
      "a class of a script that does not exist",
      binding("Remote", "nowhere"),
      "400 10061 Cannot create binding for class 'Remote' in script 'nowhere' that does not exist.",
    ],
  ])("a binding to %s is refused", (_, entry, expected) => {
    expect(refusal(() => run(undefined, { bindings: [entry] }))).toBe(expected);
  });

  test.each([
    ["the upload", { bindings: [binding("Alice")] }],
    ["the version that serves", { deployedBindings: [binding("Alice")] }],
  ])("a class that a binding of %s needs cannot be deleted", (_, input) => {
    expect(
      refusal(() => run({ deleted_classes: ["Alice"] }, { namespaces: [ALICE], ...input })),
    ).toBe(
      "400 10061 Cannot apply --delete-class migration to class 'Alice' without also removing the binding that references it.",
    );
  });
});

describe("the shape of migrations", () => {
  test.each([
    [[], "json: cannot unmarshal array into field migrations of type ActorMigrations"],
    ["v1", "json: cannot unmarshal string into field migrations of type ActorMigrations"],
    [{ new_tag: 1 }, "json: cannot unmarshal number into field migrations.new_tag of type string"],
    [
      { steps: {} },
      "json: cannot unmarshal object into field migrations.steps of type []ActorMigrationStep",
    ],
    [
      { steps: [null] },
      "json: cannot unmarshal null into field migrations.steps of type ActorMigrationStep",
    ],
    [
      { new_classes: "Alice" },
      "json: cannot unmarshal string into field new_classes of type array",
    ],
    [
      { new_classes: [""] },
      "json: cannot unmarshal string into field new_classes of type non-empty string",
    ],
    [
      { renamed_classes: [{ from: "Alice" }] },
      "json: cannot unmarshal undefined into field renamed_classes.to of type non-empty string",
    ],
  ])("%j is refused", (value, message) => {
    expect(refusal(() => parseMigrations(value))).toBe(`400 10021 ${message}`);
  });
});

describe("the free plan", () => {
  test("a class of the key-value kind is refused", () => {
    expect(refusal(() => run({ new_tag: "v1", new_classes: ["Alice"] }, { plan: "free" }))).toBe(
      "400 10097 In order to use Durable Objects with a free plan, you must create a namespace using a `new_sqlite_classes` migration.",
    );
  });

  test("a class of the SQLite kind is made", () => {
    const { namespaces } = run({ new_tag: "v1", new_sqlite_classes: ["Alice"] }, { plan: "free" });
    expect(namespaces.map(({ className }) => className)).toEqual(["Alice"]);
  });
});
