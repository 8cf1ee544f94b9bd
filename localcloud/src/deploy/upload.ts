import { ERRORS, fail } from "../errors.ts";
import { type Part, parseMultipart } from "../http/multipart.ts";
import { isRecord, messageOf, parseJsonText } from "../lib/unknown.ts";
import type { RunnableBinding, RunnableModule } from "../runtime/types.ts";
import { readAnnotations } from "./annotations.ts";
import { type DeclaredClasses, parseExports } from "./exports-parser.ts";
import { type Migrations, parseMigrations } from "./migration-parser.ts";
import { requireTypes } from "./settings-parser.ts";

/** A script upload, read and checked as far as that goes without running it. */
export interface Upload {
  mainModule: string;
  modules: RunnableModule[];
  bindings: RunnableBinding[];
  keepBindings: string[];
  compatibilityDate: string;
  compatibilityFlags: string[];
  migrations: Migrations | null;
  /** Classes as the upload declares them; null when it does not. */
  classes: DeclaredClasses | null;
  placement: Record<string, unknown> | null;
  limits: Record<string, unknown> | null;
  annotations: Record<string, string>;
  logpush: boolean;
  /** Null: those that the script has. */
  tags: string[] | null;
  tailConsumers: Record<string, unknown>[] | null;
  observability: Record<string, unknown> | null;
}

/**
 * Reads the body of `PUT scripts/:script`. The metadata may come first (wrangler) or last (the provider).
 * @throws {ApiError} 10001 for another content type, 10021 for everything else that is wrong
 */
export async function parseUpload(contentType: string, body: Buffer): Promise<Upload> {
  if (!/^multipart\/form-data\b/i.test(contentType)) refuseContentType(contentType, body);
  const parts = await parseMultipart(contentType, body);
  const metadata = parts.find(isMetadata);
  if (metadata === undefined) return invalid("The form has no part named 'metadata'.");
  return readUpload(
    parseMetadata(metadata.contents.toString("utf8")),
    parts.filter((part) => !isMetadata(part)),
  );
}

function isMetadata(part: Part): boolean {
  return part.field === "metadata";
}

function refuseContentType(contentType: string, body: Buffer): never {
  if (!/^(application|text)\/javascript\b/i.test(contentType)) {
    return fail(ERRORS.UNSUPPORTED_CONTENT_TYPE, { value: contentType });
  }
  const hint = body.subarray(0, 2).equals(Buffer.from("--"))
    ? "The body is a multipart form, so send Content-Type: multipart/form-data (cloudflare SDK 7: pass headers {'Content-Type': null})."
    : "Service-worker syntax is not supported by the local cloud: upload the Worker as a module.";
  return invalid(hint);
}

function parseMetadata(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    return invalid(`Could not parse the metadata: ${messageOf(error)}`);
  }
  return isRecord(value) ? value : invalid("The metadata must be a JSON object.");
}

/** Silence about what does not run would show only much later. */
const UNSUPPORTED = ["assets", "streaming_tail_consumers"];

/**
 * An upload of these modules, with metadata as the API names its fields.
 * @throws {ApiError} 10021 for everything that is wrong, and for what the local cloud does not do
 */
export function readUpload(
  metadata: Record<string, unknown>,
  parts: readonly RunnableModule[],
): Upload {
  for (const field of UNSUPPORTED) {
    const value = metadata[field] ?? {};
    if (!isRecord(value) || Object.keys(value).length > 0) {
      return fail(ERRORS.UNSUPPORTED_FIELD, { field: `metadata.${field}` });
    }
  }
  const migrations = parseMigrations(metadata["migrations"]);
  const classes = parseExports(metadata["exports"]);
  if (classes !== null && migrations !== null) {
    return fail(ERRORS.EXPORTS_AND_MIGRATIONS, { why: "Send one of them." });
  }
  const mainModule = metadata["main_module"];
  if (typeof mainModule !== "string" || mainModule === "") {
    const what =
      typeof metadata["body_part"] === "string"
        ? "metadata.body_part names service-worker syntax, which the local cloud does not support; u"
        : "U";
    return invalid(`${what}pload a module and name it in metadata.main_module.`);
  }
  return {
    mainModule,
    modules: readModules(mainModule, parts),
    bindings: readBindings(metadata["bindings"]),
    keepBindings: texts(metadata, "keep_bindings"),
    compatibilityDate: readDate(metadata["compatibility_date"]),
    compatibilityFlags: texts(metadata, "compatibility_flags"),
    migrations,
    classes,
    placement: readPlacement(object(metadata, "placement")),
    limits: requireTypes("limits", object(metadata, "limits")),
    annotations: readAnnotations(metadata["annotations"]),
    logpush: metadata["logpush"] === true,
    tags: metadata["tags"] === undefined ? null : texts(metadata, "tags"),
    tailConsumers: readTailConsumers(metadata["tail_consumers"]),
    observability: requireTypes("observability", object(metadata, "observability")),
  };
}

function readModules(mainModule: string, parts: readonly RunnableModule[]): RunnableModule[] {
  const names = parts.map((part) => part.name);
  if (names.includes("__proto__")) return invalid("No module can be named '__proto__'.");
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return invalid(`The form has more than one module named '${twice}'.`);
  if (!names.includes(mainModule)) {
    return invalid(
      `Uncaught TypeError: Main module name is not present in bundle. metadata.main_module is "${mainModule}"; the form has ${names.length === 0 ? "no modules" : names.join(", ")}.`,
    );
  }
  return parts.map(({ name, contentType, contents }) => ({ name, contentType, contents }));
}

function readBindings(value: unknown): RunnableBinding[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return invalid("metadata.bindings must be a list.");
  const bindings = value.map((entry: unknown, index) => {
    if (!isRecord(entry)) return invalid(`metadata.bindings[${index}] must be an object.`);
    const { type, name } = entry;
    if (typeof type !== "string" || type === "")
      return invalid(`metadata.bindings[${index}] has no type.`);
    if (typeof name !== "string" || name === "")
      return fail(ERRORS.BINDING_WITHOUT_NAME, { index });
    if (name === "__proto__") return invalid("No binding can be named '__proto__'.");
    return { ...entry, type, name };
  });
  for (const [index, { name }] of bindings.entries()) {
    if (bindings.findIndex((other) => other.name === name) < index) {
      return fail(ERRORS.BINDING_NAME_TAKEN, { name });
    }
  }
  return bindings;
}

/** The provider sends an empty date when the program gives none. */
function readDate(value: unknown): string {
  if (value === undefined || value === null || value === "") return "";
  if (typeof value !== "string") return invalid("metadata.compatibility_date must be a string.");
  const day = new Date(`${value}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== value) {
    return invalid(`Invalid compatibility date: ${value}`);
  }
  return day.getTime() > Date.now()
    ? invalid(`Can't set compatibility date in the future: ${value}`)
    : value;
}

/** The provider sends `{}` for none. */
function readPlacement(placement: Record<string, unknown> | null): Record<string, unknown> | null {
  if (placement === null || Object.keys(placement).length === 0) return placement;
  const { mode, region, hostname, host, target } = placement;
  const isPlace = [region, hostname, host].some((place) => typeof place === "string");
  return isPlace || mode === "smart" || Array.isArray(target)
    ? placement
    : invalid(
        `metadata.placement has neither the mode "smart" nor a region, hostname, host or list of targets.`,
      );
}

function readTailConsumers(value: unknown): Record<string, unknown>[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) return invalid("metadata.tail_consumers must be a list.");
  return value.map((entry: unknown) =>
    isRecord(entry) ? entry : invalid("metadata.tail_consumers must be a list of objects."),
  );
}

function texts(metadata: Record<string, unknown>, field: string): string[] {
  const value = metadata[field] ?? [];
  if (!Array.isArray(value)) return invalid(`metadata.${field} must be a list of strings.`);
  return value.map((entry: unknown) =>
    typeof entry === "string" ? entry : invalid(`metadata.${field} must be a list of strings.`),
  );
}

function object(metadata: Record<string, unknown>, field: string): Record<string, unknown> | null {
  const value = metadata[field] ?? null;
  if (value === null || isRecord(value)) return value;
  return invalid(`metadata.${field} must be an object.`);
}

function invalid(reason: string): never {
  return fail(ERRORS.INVALID_UPLOAD, { reason });
}
