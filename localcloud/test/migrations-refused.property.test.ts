import fc from "fast-check";
import { expect, test } from "vitest";
import type { MigrationInput } from "../src/deploy/migrations.ts";
import { ApiError } from "../src/errors.ts";
import {
  type Deployed,
  type Model,
  type Operation,
  START,
  advance,
  history,
  legal,
  upload,
} from "./support/migration-model.ts";

const CLASSES = ["A", "B", "C", "D", "E"];

/** The code that an upload is refused with, or null. */
function codeOf(act: () => unknown): number | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
}

/** A legal history, cut in two: what was deployed before, and what one more upload brings. */
const twoUploads = fc.tuple(history, fc.nat(12)).map(([operations, cut]) => {
  const { entries, model } = legal(operations);
  const first = Math.min(cut, entries.length);
  const before = first === 0 ? START : upload(START, entries, 0, first);
  return { entries, model, first, before };
});

/** What the last upload is refused with, under other circumstances. */
function codeOfLast(
  { entries, first, before }: { entries: readonly Operation[]; first: number; before: Deployed },
  input: Partial<MigrationInput> = {},
): number | null {
  return codeOf(() => upload(before, entries, first, entries.length, input));
}

/** Classes that the entries of the last upload made or renamed to. */
function targetsOf(entries: readonly Operation[], first: number): Set<string> {
  return new Set(
    entries.slice(first).flatMap((entry) => {
      if (entry.kind === "delete") return [];
      return [entry.kind === "new" ? entry.name : entry.to];
    }),
  );
}

test("a class that is not exported is 10070 when this upload made it, and 10064 when an earlier one did", () => {
  fc.assert(
    fc.property(twoUploads, fc.nat(4), (uploads, choice) => {
      const classes = [...uploads.model.classes.keys()];
      fc.pre(classes.length > 0);
      const missing = classes[choice % classes.length] ?? "";
      const exports = new Set(CLASSES.filter((name) => name !== missing));
      const isNew = targetsOf(uploads.entries, uploads.first).has(missing);
      expect(codeOfLast(uploads, { exports })).toBe(isNew ? 10070 : 10064);
    }),
    { numRuns: 500 },
  );
});

test("a key-value class is 10097 on the free plan, and nothing else is", () => {
  fc.assert(
    fc.property(twoUploads, (uploads) => {
      const makesKeyValue = uploads.entries
        .slice(uploads.first)
        .some((entry) => entry.kind === "new" && !entry.useSqlite);
      expect(codeOfLast(uploads, { plan: "free" })).toBe(makesKeyValue ? 10097 : null);
    }),
    { numRuns: 500 },
  );
});

test("a class that is bound, before or now, cannot be deleted: 10061", () => {
  fc.assert(
    fc.property(twoUploads, fc.boolean(), (uploads, isDeployed) => {
      const deleted = uploads.entries
        .slice(uploads.first)
        .flatMap((entry) => (entry.kind === "delete" ? [entry.name] : []));
      fc.pre(deleted.length > 0);
      const bindings = deleted.map((name) => ({
        type: "durable_object_namespace",
        name: `TO_${name}`,
        class_name: name,
      }));
      const input = isDeployed ? { deployedBindings: bindings } : { bindings };
      expect(codeOfLast(uploads, input)).toBe(10061);
    }),
    { numRuns: 500 },
  );
});

test("a binding gets the namespace of its class, and is 10061 when the class has none", () => {
  fc.assert(
    fc.property(twoUploads, fc.constantFrom(...CLASSES, "Unknown"), (uploads, name) => {
      const bindings = [{ type: "durable_object_namespace", name: "TO", class_name: name }];
      const deletes = uploads.entries
        .slice(uploads.first)
        .some((entry) => entry.kind === "delete" && entry.name === name);
      fc.pre(!deletes);
      const expected = uploads.model.classes.has(name) ? null : 10061;
      expect(codeOfLast(uploads, { bindings })).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test("whatever is refused, what was deployed stays as it was", () => {
  fc.assert(
    fc.property(twoUploads, fc.constantFrom(...CLASSES), fc.boolean(), (uploads, name, asFree) => {
      const { before, entries, first, model } = uploads;
      const again: Operation = { kind: "new", name, useSqlite: false };
      const copy: Model = {
        classes: new Map(model.classes),
        others: new Set(model.others),
        targets: targetsOf(entries, first),
      };
      const code = advance(copy, again, entries.length);
      fc.pre(code !== null || asFree);
      const kept = structuredClone(before);
      const act = (): unknown =>
        upload(
          before,
          [...entries, again],
          first,
          entries.length + 1,
          asFree ? { plan: "free" } : {},
        );
      expect(codeOf(act)).not.toBeNull();
      expect(before).toEqual(kept);
    }),
    { numRuns: 500 },
  );
});

test("a class that comes from another script keeps its namespace, and is that script's no more", () => {
  fc.assert(
    fc.property(
      twoUploads,
      fc.constantFrom(...CLASSES),
      ({ before, model, entries, first }, to) => {
        fc.pre(first === entries.length);
        const other = { id: "other's", script: "other", className: "Theirs", useSqlite: true };
        const deployed: Deployed = { ...before, namespaces: [...before.namespaces, other] };
        const step = {
          newClasses: [],
          newSqliteClasses: [],
          renamedClasses: [],
          transferredClasses: [{ from: "Theirs", fromScript: "other", to }],
          deletedClasses: [],
        };
        const migrations = { oldTag: before.tag, newTag: "moved", steps: [step] };
        const scripts = new Set(["app", "other"]);
        const act = (): Deployed =>
          upload(deployed, entries, first, first, { migrations, scripts });
        const isTaken = model.classes.has(to);
        expect(codeOf(act)).toBe(isTaken ? 10074 : null);
        fc.pre(!isTaken);
        const moved = { id: "other's", script: "app", className: to, useSqlite: true };
        expect(act().namespaces).toEqual([...before.namespaces, moved]);
      },
    ),
    { numRuns: 500 },
  );
});
