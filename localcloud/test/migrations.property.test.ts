import fc from "fast-check";
import { expect, test } from "vitest";
import type { MigrationStep } from "../src/deploy/migration-parser.ts";
import { migrate } from "../src/deploy/migrations.ts";
import { ApiError } from "../src/errors.ts";
import type { Namespace } from "../src/model/state.ts";

type Operation =
  | { kind: "new"; name: string; useSqlite: boolean }
  | { kind: "rename"; from: string; to: string }
  | { kind: "delete"; name: string };

const className = fc.constantFrom("A", "B", "C", "D", "E");
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("new" as const), name: className, useSqlite: fc.boolean() }),
  fc.record({ kind: fc.constant("rename" as const), from: className, to: className }),
  fc.record({ kind: fc.constant("delete" as const), name: className }),
);
const history = fc.array(operation, { maxLength: 12 });

function stepOf(entry: Operation): MigrationStep {
  const step: MigrationStep = {
    newClasses: [],
    newSqliteClasses: [],
    renamedClasses: [],
    transferredClasses: [],
    deletedClasses: [],
  };
  if (entry.kind === "new")
    (entry.useSqlite ? step.newSqliteClasses : step.newClasses).push(entry.name);
  if (entry.kind === "rename") step.renamedClasses.push({ from: entry.from, to: entry.to });
  if (entry.kind === "delete") step.deletedClasses.push(entry.name);
  return step;
}

/** The rules, told again without any of the code under test: class name to the entry that made it. */
interface Model {
  classes: Map<string, { madeBy: number; useSqlite: boolean }>;
  /** Names that became a class, which a single upload may do once. */
  targets: Set<string>;
}

/** Null when the operation is legal and done, else the code it is refused with. */
function advance({ classes, targets }: Model, entry: Operation, index: number): number | null {
  if (entry.kind === "delete") return classes.delete(entry.name) ? null : 10074;
  const to = entry.kind === "new" ? entry.name : entry.to;
  const source =
    entry.kind === "new" ? { madeBy: index, useSqlite: entry.useSqlite } : classes.get(entry.from);
  if (source === undefined || targets.has(to) || classes.has(to)) return 10074;
  if (entry.kind === "rename") classes.delete(entry.from);
  classes.set(to, source);
  targets.add(to);
  return null;
}

/** Keeps the operations that are legal, one after the other. */
function legal(entries: readonly Operation[]): { entries: Operation[]; model: Model } {
  const model: Model = { classes: new Map(), targets: new Set() };
  const kept: Operation[] = [];
  for (const entry of entries) if (advance(model, entry, kept.length) === null) kept.push(entry);
  return { entries: kept, model };
}

interface Deployed {
  namespaces: Namespace[];
  tag: string | null;
}

/** Uploads the entries from `first` up to `end`, each of which is tagged with its position. */
function upload(
  deployed: Deployed,
  entries: readonly Operation[],
  first: number,
  end: number,
): Deployed {
  let made = first;
  const makers = entries.flatMap((entry, index) => (entry.kind === "new" ? [index] : []));
  const { namespaces, tag } = migrate({
    script: "app",
    migrations: {
      oldTag: deployed.tag,
      newTag: `v${end}`,
      steps: entries.slice(first, end).map(stepOf),
    },
    exports: new Set(["A", "B", "C", "D", "E"]),
    bindings: [],
    deployedBindings: [],
    namespaces: deployed.namespaces,
    currentTag: deployed.tag,
    scripts: new Set(["app"]),
    plan: "paid",
    newNamespaceId: () => {
      made = makers.find((index) => index >= made) ?? made;
      return `made by ${made++}`;
    },
  });
  return { namespaces, tag };
}

function classesOf({ namespaces }: Deployed): string[] {
  return namespaces
    .map(({ className: name, id, useSqlite }) => `${name} ${id} ${String(useSqlite)}`)
    .toSorted();
}

test("a legal history gives the same classes however it is split into uploads", () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat(12)), (operations, cuts) => {
      const { entries, model } = legal(operations);
      const ends = [
        ...new Set([...cuts.filter((cut) => cut > 0 && cut < entries.length), entries.length]),
      ];
      let deployed: Deployed = { namespaces: [], tag: null };
      let first = 0;
      for (const end of ends.toSorted((a, b) => a - b)) {
        deployed = upload(deployed, entries, first, end);
        first = end;
      }
      const expected = [...model.classes].map(
        ([name, { madeBy, useSqlite }]) => `${name} made by ${madeBy} ${String(useSqlite)}`,
      );
      expect(classesOf(deployed)).toEqual(expected.toSorted());
      expect(deployed.tag).toBe(`v${entries.length}`);
    }),
    { numRuns: 500 },
  );
});

test("a history with an illegal step is refused with its code, and nothing is kept of it", () => {
  fc.assert(
    fc.property(history, operation, (operations, last) => {
      const { entries, model } = legal(operations);
      const code = advance(model, last, entries.length);
      fc.pre(code !== null);
      const before: Deployed = { namespaces: [], tag: null };
      let refused: unknown = null;
      try {
        upload(before, [...entries, last], 0, entries.length + 1);
      } catch (error) {
        refused = error;
      }
      expect(refused).toBeInstanceOf(ApiError);
      expect(refused).toMatchObject({ status: 400, code });
      expect(before).toEqual({ namespaces: [], tag: null });
    }),
    { numRuns: 500 },
  );
});

test("a migration from any tag but the current one is refused with 412", () => {
  fc.assert(
    fc.property(fc.option(fc.string()), fc.option(fc.string()), (got, current) => {
      fc.pre((got ?? "") !== (current ?? ""));
      expect(() =>
        migrate({
          script: "app",
          migrations: { oldTag: got, newTag: "next", steps: [] },
          exports: new Set(),
          bindings: [],
          deployedBindings: [],
          namespaces: [],
          currentTag: current,
          scripts: new Set(["app"]),
          plan: "paid",
          newNamespaceId: () => "never",
        }),
      ).toThrow(expect.objectContaining({ status: 412, code: 10079 }));
    }),
  );
});
