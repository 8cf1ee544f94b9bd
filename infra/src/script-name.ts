import type { ConfigReader } from "./config-reader.ts";

/** Stack whose script has the plain name, and is protected, unless it is set otherwise. */
export const PRODUCTION_STACK = "prod";

/**
 * Name of the script unless it is set. Every stack has one of its own, since two stacks of one
 * account would otherwise overwrite each other's.
 * @param name of the component
 */
export function defaultScriptName(name: string, stack: string): string {
  const base = toScriptName(name);
  return stack === PRODUCTION_STACK ? base : `${base}-${toScriptName(stack)}`.slice(0, 63);
}

export function readScriptName(reader: ConfigReader, standard: string): string {
  const value = reader.text("scriptName") ?? standard;
  if (isScriptName(value)) return value;
  reader.report(
    "scriptName",
    `${reader.show("scriptName")} cannot name a script (lower-case letters, digits, _ and -, no - in front, at most 63)`,
    reader.set("scriptName", toScriptName(value) || standard),
  );
  return value;
}

export function isScriptName(value: string): boolean {
  return /^[a-z\d_][a-z\d_-]{0,62}$/.test(value);
}

function toScriptName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z\d_-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}
