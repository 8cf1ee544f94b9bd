import { RunError } from "@pulumi/pulumi";
import { isRecord } from "./is-record.ts";
import type { Migration } from "./ledger.ts";

/** A step as the API takes it: a ledger entry without its tag. */
type MigrationStep = Omit<Migration, "tag">;

/**
 * What an upload must say about migrations. It is a delta against the deployed tag, so a value that
 * was right for one upload fails the next with "migration tag precondition failed" (412, 10079).
 */
export interface PendingMigrations {
  /** The deployed tag; absent when there is none. */
  readonly oldTag?: string;
  readonly newTag: string;
  readonly steps: MigrationStep[];
}

/**
 * The part of the ledger that is not deployed yet.
 * @param deployedTag as the account lists it; undefined or empty for a script that is not there or never had one
 * @returns undefined when there is nothing to do
 * @throws RunError when the ledger does not know the tag: what is deployed is then unknown, and a guess could destroy objects
 */
export function pendingMigrations(
  ledger: readonly Migration[],
  deployedTag: string | undefined,
): PendingMigrations | undefined {
  const last = ledger.at(-1);
  if (last === undefined) return undefined;
  if (deployedTag === undefined || deployedTag === "") {
    return { newTag: last.tag, steps: ledger.map(withoutTag) };
  }
  const deployed = ledger.findIndex(({ tag }) => tag === deployedTag);
  if (deployed === -1) throw unknownTag(ledger, deployedTag);
  if (deployed === ledger.length - 1) return undefined;
  return {
    oldTag: deployedTag,
    newTag: last.tag,
    steps: ledger.slice(deployed + 1).map(withoutTag),
  };
}

/** Reads migrations back from a stack's state; undefined when they are not of this shape. */
export function parseMigrations(value: unknown): PendingMigrations | undefined {
  if (!isRecord(value)) return undefined;
  const { oldTag, newTag, steps } = value;
  if (typeof newTag !== "string" || !Array.isArray(steps)) return undefined;
  if (oldTag !== undefined && typeof oldTag !== "string") return undefined;
  const parsed = steps.map(parseStep);
  if (!parsed.every((step) => step !== undefined)) return undefined;
  return { ...(oldTag === undefined ? {} : { oldTag }), newTag, steps: parsed };
}

function parseStep(value: unknown): MigrationStep | undefined {
  if (!isRecord(value)) return undefined;
  const { newSqliteClasses, renamedClasses, deletedClasses, ...others } = value;
  if (Object.keys(others).length > 0) return undefined;
  if (newSqliteClasses !== undefined && !isList(newSqliteClasses, isString)) return undefined;
  if (renamedClasses !== undefined && !isList(renamedClasses, isRename)) return undefined;
  if (deletedClasses !== undefined && !isList(deletedClasses, isString)) return undefined;
  return {
    ...(newSqliteClasses === undefined ? {} : { newSqliteClasses }),
    ...(renamedClasses === undefined ? {} : { renamedClasses }),
    ...(deletedClasses === undefined ? {} : { deletedClasses }),
  };
}

function withoutTag(migration: Migration): MigrationStep {
  const { tag: _tag, ...step } = migration;
  return step;
}

function unknownTag(ledger: readonly Migration[], deployedTag: string): RunError {
  const known = ledger.map(({ tag }) => tag).join(", ");
  return new RunError(
    `The deployed script is at migration tag '${deployedTag}', which this code does not know (it knows ${known}). ` +
      "The script was deployed by a newer version of this code, or it belongs to another project. " +
      "Deploy with the version that knows the tag, or give this stack a script of its own: " +
      "pulumi config set scriptName <another name>. Nothing was changed.",
  );
}

function isRename(value: unknown): value is { from: string; to: string } {
  return isRecord(value) && isString(value["from"]) && isString(value["to"]);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}
