/** `runtime.options` of Pulumi.yaml, as the official host knows them. */
export interface NodeOptions {
  /** Let the SDK load TypeScript by ts-node. @default true */
  typescript: boolean;
  /** Path of a tsconfig.json for ts-node. @default none */
  tsconfig: string | null;
  /** Arguments for node itself. @default [] */
  nodeArgs: string[];
  /** @default "auto": by the lockfile */
  packageManager: PackageManager | "auto";
  /** Leave devDependencies out of an installation. @default false */
  production: boolean;
}

export type PackageManager = "npm" | "yarn" | "pnpm" | "bun";

const PACKAGE_MANAGERS: readonly string[] = ["auto", "npm", "yarn", "pnpm", "bun"];

/** @throws Error that names the option, its value and what it may be */
export function parseOptions(options: Readonly<Record<string, unknown>>): NodeOptions {
  return {
    typescript: read(options, "typescript", isBoolean, "a boolean") ?? true,
    tsconfig: read(options, "tsconfig", isString, "a string") ?? null,
    nodeArgs: splitArguments(read(options, "nodeargs", isString, "a string") ?? ""),
    packageManager:
      read(options, "packagemanager", isPackageManager, "auto, npm, yarn, pnpm or bun") ?? "auto",
    production: read(options, "production", isBoolean, "a boolean") ?? false,
  };
}

/**
 * Splits a command line as a shell does, quotes and backslashes included, nothing expanded.
 * @throws Error when a quote is not closed
 */
export function splitArguments(text: string): string[] {
  const words: string[] = [];
  const token = /\s+|"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)|(.)/gsy;
  let word: string | null = null;
  for (const [whole, double, single, escaped, plain, stray] of text.matchAll(token)) {
    if (stray !== undefined) {
      throw new Error(`runtime option nodeargs: ${stray} is not closed in '${text}'; close it.`);
    }
    if (/^\s/.test(whole)) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    const part = double?.replaceAll(/\\(["\\$`])/g, "$1") ?? single ?? escaped ?? plain ?? "";
    word = (word ?? "") + part;
  }
  return word === null ? words : [...words, word];
}

function read<T>(
  options: Readonly<Record<string, unknown>>,
  name: string,
  isRight: (value: unknown) => value is T,
  wanted: string,
): T | undefined {
  const value = options[name];
  if (value === undefined || value === null) return undefined;
  if (isRight(value)) return value;
  throw new Error(`runtime option ${name}: ${JSON.stringify(value)} is not ${wanted}.`);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isPackageManager(value: unknown): value is PackageManager | "auto" {
  return isString(value) && PACKAGE_MANAGERS.includes(value);
}
