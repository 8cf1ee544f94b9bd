import fc from "fast-check";
import type { MigrationStep } from "../../src/deploy/migration-parser.ts";
import { type MigrationInput, migrate } from "../../src/deploy/migrations.ts";
import type { Namespace } from "../../src/model/state.ts";

export type Operation =
  | { kind: "new"; name: string; useSqlite: boolean }
  | { kind: "rename"; from: string; to: string }
  /** Of a class of the script `other`. */
  | { kind: "transfer"; from: string; to: string }
  | { kind: "delete"; name: string };

/** Classes of another script. */
const OTHERS = ["X", "Y"] as const;

const className = fc.constantFrom("A", "B", "C", "D", "E");
export const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constant("new" as const), name: className, useSqlite: fc.boolean() }),
  fc.record({ kind: fc.constant("rename" as const), from: className, to: className }),
  fc.record({
    kind: fc.constant("transfer" as const),
    from: fc.constantFrom(...OTHERS),
    to: className,
  }),
  fc.record({ kind: fc.constant("delete" as const), name: className }),
);
export const history: fc.Arbitrary<Operation[]> = fc.array(operation, { maxLength: 12 });

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
  if (entry.kind === "transfer") {
    step.transferredClasses.push({ from: entry.from, fromScript: "other", to: entry.to });
  }
  if (entry.kind === "delete") step.deletedClasses.push(entry.name);
  return step;
}

interface ModelClass {
  /** The position of the entry that made it, or its name in the other script. */
  madeBy: number | string;
  useSqlite: boolean;
}

/** The rules, told again without any of the code under test. */
export interface Model {
  classes: Map<string, ModelClass>;
  /** What the other script has left. */
  others: Set<string>;
  /** Names that became a class, which a single upload may do once. */
  targets: Set<string>;
}

/** Null when the operation is legal and done, else the code it is refused with. */
export function advance(model: Model, entry: Operation, index: number): number | null {
  const { classes, others, targets } = model;
  if (entry.kind === "delete") return classes.delete(entry.name) ? null : 10074;
  const to = entry.kind === "new" ? entry.name : entry.to;
  const source = sourceOf(model, entry, index);
  if (source === undefined || targets.has(to) || classes.has(to)) return 10074;
  if (entry.kind === "rename") classes.delete(entry.from);
  if (entry.kind === "transfer") others.delete(entry.from);
  classes.set(to, source);
  targets.add(to);
  return null;
}

function sourceOf(
  { classes, others }: Model,
  entry: Exclude<Operation, { kind: "delete" }>,
  index: number,
): ModelClass | undefined {
  if (entry.kind === "new") return { madeBy: index, useSqlite: entry.useSqlite };
  if (entry.kind === "rename") return classes.get(entry.from);
  return others.has(entry.from) ? { madeBy: entry.from, useSqlite: true } : undefined;
}

/** Keeps the operations that are legal, one after the other. */
export function legal(entries: readonly Operation[]): { entries: Operation[]; model: Model } {
  const model: Model = { classes: new Map(), others: new Set(OTHERS), targets: new Set() };
  const kept: Operation[] = [];
  for (const entry of entries) if (advance(model, entry, kept.length) === null) kept.push(entry);
  return { entries: kept, model };
}

export interface Deployed {
  namespaces: Namespace[];
  tag: string | null;
}

/** Before the first upload: the other script has its classes. */
export const START: Deployed = {
  namespaces: OTHERS.map((name) => ({
    id: `made by ${name}`,
    script: "other",
    className: name,
    useSqlite: true,
  })),
  tag: null,
};

/** Uploads the entries from `first` up to `end`, each of which is tagged with its position. */
export function upload(
  deployed: Deployed,
  entries: readonly Operation[],
  first: number,
  end: number,
  input: Partial<MigrationInput> = {},
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
    ...input,
  });
  return { namespaces, tag };
}

export function classesOf({ namespaces }: Deployed): string[] {
  return namespaces
    .map(
      ({ script, className: name, id, useSqlite }) =>
        `${script} ${name} ${id} ${String(useSqlite)}`,
    )
    .toSorted();
}

/** The same as the model says it. */
export function expectedClasses({ classes, others }: Model): string[] {
  const own = [...classes].map(
    ([name, { madeBy, useSqlite }]) => `app ${name} made by ${madeBy} ${String(useSqlite)}`,
  );
  return [...own, ...[...others].map((name) => `other ${name} made by ${name} true`)].toSorted();
}
