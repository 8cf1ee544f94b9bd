import { ERRORS, fail } from "../errors.ts";
import { isRecord } from "../lib/unknown.ts";

/** What an upload says of one Durable Object class. */
export type DeclaredClass =
  | { state: "created"; storage: "sqlite" | "legacy-kv" }
  | { state: "deleted" }
  | { state: "renamed"; to: string }
  /** `to` is a script. */
  | { state: "transferred"; to: string }
  /** `from` is a script. */
  | { state: "expecting-transfer"; storage: "sqlite" | "legacy-kv"; from: string };

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
  transferred: ["transferred_to"],
  "expecting-transfer": ["storage", "transfer_from"],
};

function parseClass(name: string, entry: Record<string, unknown>): DeclaredClass {
  const { state = "created", storage } = entry;
  const isKnown = typeof state === "string" && Object.hasOwn(FIELDS, state);
  const fields = isKnown ? FIELDS[state] : undefined;
  if (fields === undefined) return invalid(name, `There is no state ${JSON.stringify(state)}.`);
  const foreign = Object.keys(entry).find((key) => !["type", "state", ...fields].includes(key));
  if (foreign !== undefined) {
    return invalid(name, `'${foreign}' is not allowed where the state is '${String(state)}'.`);
  }
  if (state === "deleted") return { state };
  if (state === "renamed") {
    const to = textOf(entry["renamed_to"]);
    return to === null || to === name
      ? invalid(name, "'renamed_to' must name another class.")
      : { state, to };
  }
  if (state === "transferred") {
    const to = textOf(entry["transferred_to"]);
    return to === null ? invalid(name, "'transferred_to' must name a Worker.") : { state, to };
  }
  if (storage !== "sqlite" && storage !== "legacy-kv") {
    return invalid(name, "'storage' must be 'sqlite' or 'legacy-kv'.");
  }
  if (state !== "expecting-transfer") return { state: "created", storage };
  const from = textOf(entry["transfer_from"]);
  return from === null
    ? invalid(name, "'transfer_from' must name a Worker.")
    : { state, storage, from };
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function invalid(name: string, message: string): never {
  const details = [{ class: name, scenario: "invalid_export", message }];
  return fail(
    ERRORS.EXPORTS_NOT_RECONCILED,
    { reason: `class '${name}': ${message}` },
    { details },
  );
}
