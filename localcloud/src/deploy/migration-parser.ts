import { ERRORS, fail } from "../errors.ts";
import { isRecord } from "../lib/unknown.ts";

/** An upload's migrations; the single-step form of the API is one step. */
export interface Migrations {
  oldTag: string | null;
  newTag: string | null;
  steps: MigrationStep[];
}

export interface MigrationStep {
  newClasses: string[];
  newSqliteClasses: string[];
  renamedClasses: { from: string; to: string }[];
  transferredClasses: { from: string; fromScript: string; to: string }[];
  deletedClasses: string[];
}

/**
 * Reads `metadata.migrations`; null when there are none.
 * @throws {ApiError} 10021 when the shape is wrong
 */
export function parseMigrations(value: unknown): Migrations | null {
  if (value === undefined || value === null) return null;
  if (!isRecord(value)) return mistyped(value, "migrations", "ActorMigrations");
  const { steps } = value;
  if (steps !== undefined && steps !== null && !Array.isArray(steps)) {
    return mistyped(steps, "migrations.steps", "[]ActorMigrationStep");
  }
  const all: unknown[] = steps ?? [value];
  return {
    oldTag: optionalText(value["old_tag"], "migrations.old_tag"),
    newTag: optionalText(value["new_tag"], "migrations.new_tag"),
    steps: all.map(parseStep),
  };
}

function parseStep(value: unknown): MigrationStep {
  if (!isRecord(value)) return mistyped(value, "migrations.steps", "ActorMigrationStep");
  return {
    newClasses: names(value, "new_classes"),
    newSqliteClasses: names(value, "new_sqlite_classes"),
    renamedClasses: objects(value, "renamed_classes").map((entry) => ({
      from: className(entry["from"], "renamed_classes.from"),
      to: className(entry["to"], "renamed_classes.to"),
    })),
    transferredClasses: objects(value, "transferred_classes").map((entry) => ({
      from: className(entry["from"], "transferred_classes.from"),
      fromScript: className(entry["from_script"], "transferred_classes.from_script"),
      to: className(entry["to"], "transferred_classes.to"),
    })),
    deletedClasses: names(value, "deleted_classes"),
  };
}

function names(step: Record<string, unknown>, key: string): string[] {
  return list(step, key).map((name) => className(name, key));
}

function objects(step: Record<string, unknown>, key: string): Record<string, unknown>[] {
  return list(step, key).map((entry) => (isRecord(entry) ? entry : mistyped(entry, key, "object")));
}

function list(step: Record<string, unknown>, key: string): unknown[] {
  const value = step[key] ?? [];
  return Array.isArray(value) ? value : mistyped(value, key, "array");
}

function className(value: unknown, field: string): string {
  return typeof value === "string" && value !== "" && value !== "__proto__"
    ? value
    : mistyped(value, field, "non-empty string");
}

function optionalText(value: unknown, field: string): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : mistyped(value, field, "string");
}

/** The words of Cloudflare's own JSON decoder. */
function mistyped(value: unknown, field: string, type: string): never {
  const got = Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
  return fail(ERRORS.INVALID_UPLOAD, {
    reason: `json: cannot unmarshal ${got} into field ${field} of type ${type}`,
  });
}
