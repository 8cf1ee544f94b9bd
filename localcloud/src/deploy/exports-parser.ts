import { ERRORS, fail } from "../errors.ts";
import { isRecord } from "../lib/unknown.ts";

/** What an upload says of one Durable Object class. */
export type DeclaredClass =
  | { state: "created"; storage: "sqlite" | "legacy-kv" }
  | { state: "deleted" }
  | { state: "renamed"; to: string };

/** Classes by name, in the order of the upload. */
export type DeclaredClasses = ReadonlyMap<string, DeclaredClass>;

/**
 * Reads `metadata.exports`; null when there are none. Entries of other types than `durable-object` change
 * nothing.
 * @throws {ApiError} 100402 for an entry that is wrong, 10021 for what the local cloud does not do
 */
export function parseExports(value: unknown): DeclaredClasses | null {
  if (value === undefined || value === null) return null;
  if (!isRecord(value)) {
    return fail(ERRORS.INVALID_UPLOAD, { reason: "metadata.exports must be an object." });
  }
  const classes = Object.entries(value).flatMap(([name, entry]) => {
    if (!isRecord(entry)) return invalid(name, "The entry must be an object.");
    if (entry["type"] === "worker") return [];
    if (entry["type"] !== "durable-object") {
      const type = JSON.stringify(entry["type"]);
      return fail(ERRORS.UNSUPPORTED_FIELD, { field: `metadata.exports.${name}.type: ${type}` });
    }
    return [[name, parseClass(name, entry)] as const];
  });
  return new Map(classes);
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  created: ["storage"],
  deleted: [],
  renamed: ["renamed_to"],
};

function parseClass(name: string, entry: Record<string, unknown>): DeclaredClass {
  const { state = "created", storage, renamed_to: to } = entry;
  const fields = typeof state === "string" ? FIELDS[state] : undefined;
  if (fields === undefined) {
    const isTransfer = state === "transferred" || state === "expecting-transfer";
    return isTransfer
      ? fail(ERRORS.UNSUPPORTED_FIELD, { field: `metadata.exports.${name}: state '${state}'` })
      : invalid(name, `There is no state ${JSON.stringify(state)}.`);
  }
  const foreign = Object.keys(entry).find((key) => !["type", "state", ...fields].includes(key));
  if (foreign !== undefined) {
    return invalid(name, `'${foreign}' is not allowed where the state is '${String(state)}'.`);
  }
  if (state === "deleted") return { state };
  if (state === "renamed") {
    if (typeof to === "string" && to !== "" && to !== name) return { state, to };
    return invalid(name, "'renamed_to' must name another class.");
  }
  if (storage === "sqlite" || storage === "legacy-kv") return { state: "created", storage };
  return invalid(name, "'storage' must be 'sqlite' or 'legacy-kv'.");
}

function invalid(name: string, message: string): never {
  const details = [{ class: name, scenario: "invalid_export", message }];
  return fail(
    ERRORS.EXPORTS_NOT_RECONCILED,
    { reason: `class '${name}': ${message}` },
    { details },
  );
}
