import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { ConfigSource } from "../../infra/src/config-reader.ts";
import { isRecord } from "../../infra/src/is-record.ts";
import { messageOf, readTextIfPresent } from "./files.ts";
import { PROJECT_NAME } from "./project.ts";

/** A stack's config as its files have it, read without an engine. */
export interface StackFile extends ConfigSource {
  /** Name of the file, such as `Pulumi.prod.yaml`. */
  readonly file: string;
  /** The API token that the config has for the provider; null when it is encrypted. */
  readonly apiToken?: string | null;
  /** Whether a passphrase protects its secrets. */
  readonly hasPassphrase: boolean;
}

/** What one file says: values as the engine would hand them over, and which keys are encrypted. */
interface Entries {
  readonly values: { readonly [key: string]: string };
  readonly encrypted: readonly string[];
}

const TOKEN_KEY = "cloudflare:apiToken";

/**
 * Reads Pulumi.yaml and Pulumi.<stack>.yaml. Encrypted values stay out of `values`: only the engine
 * can decrypt them.
 * @param stack its name, without organisation and project
 * @throws Error when the stack has no file, or one that is not YAML
 */
export async function readStackFile(root: string, stack: string): Promise<StackFile> {
  const file = `Pulumi.${stack}.yaml`;
  const text = await readTextIfPresent(join(root, file));
  if (text === null) {
    const others = await stacksIn(root);
    throw new Error(
      `There is no ${file} in ${root}. Stacks with a file: ${others.join(", ") || "none"}. ` +
        `To make another: npm run pulumi -- stack init ${stack}, then npm run pulumi -- config set --stack ${stack} …`,
    );
  }
  const shared = readEntries(await readTextIfPresent(join(root, "Pulumi.yaml")), "Pulumi.yaml");
  const own = readEntries(text, file);
  const values = { ...withoutKeys(shared.values, own.encrypted), ...own.values };
  const encrypted = own.encrypted;
  return {
    stack,
    file,
    values: ofProject(values),
    secretKeys: new Set(encrypted.filter(isOfProject).map(withoutProject)),
    ...tokenOf(values, encrypted),
    hasPassphrase: /^encryptionsalt:/m.test(text),
  };
}

/** Names of the stacks that have a config file in the project. */
async function stacksIn(root: string): Promise<string[]> {
  const names = await readdir(root);
  return names
    .flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? [])
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function readEntries(text: string | null, file: string): Entries {
  const config = configOf(text, file);
  const values: { [key: string]: string } = {};
  const encrypted: string[] = [];
  for (const [name, given] of Object.entries(config)) {
    const key = name.includes(":") ? name : `${PROJECT_NAME}:${name}`;
    const value =
      isRecord(given) && ("default" in given || "value" in given) ? ofSchema(given) : given;
    if (isRecord(value) && "secure" in value) encrypted.push(key);
    else if (value !== undefined && value !== null) values[key] = asText(value);
  }
  return { values, encrypted };
}

/** Pulumi.yaml may say `key: { type: …, default: … }` or `key: { value: … }`. */
function ofSchema(entry: { readonly [key: string]: unknown }): unknown {
  return entry["value"] ?? entry["default"];
}

function configOf(text: string | null, file: string): { readonly [key: string]: unknown } {
  try {
    // A number of 32 digits is an account ID that somebody forgot to quote.
    const content: unknown = parse(text ?? "", { intAsBigInt: true });
    const config = isRecord(content) ? content["config"] : undefined;
    return isRecord(config) ? config : {};
  } catch (error) {
    throw new Error(`${file} is not YAML: ${messageOf(error)}`, { cause: error });
  }
}

/** As the engine hands values over: scalars as text, the rest as JSON. */
function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" ? Number(item) : item,
  );
}

function tokenOf(
  values: { readonly [key: string]: string },
  encrypted: readonly string[],
): { apiToken?: string | null } {
  if (encrypted.includes(TOKEN_KEY)) return { apiToken: null };
  const apiToken = values[TOKEN_KEY];
  return apiToken === undefined || apiToken === "" ? {} : { apiToken };
}

function ofProject(values: { readonly [key: string]: string }): { [key: string]: string } {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([key]) => isOfProject(key))
      .map(([key, value]) => [withoutProject(key), value]),
  );
}

function isOfProject(key: string): boolean {
  return key.startsWith(`${PROJECT_NAME}:`);
}

function withoutProject(key: string): string {
  return key.slice(PROJECT_NAME.length + 1);
}

function withoutKeys(
  values: { readonly [key: string]: string },
  keys: readonly string[],
): { [key: string]: string } {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}
