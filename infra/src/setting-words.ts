import { removeCommand, setCommand } from "./config-problems.ts";

/** How messages tell a person to change a setting: where that is done depends on who set it. */
export interface SettingWords {
  /** What the settings are of, after "is no setting of". */
  readonly owner: string;
  /** @param path a key, or into a value, such as `limits.tabsPerVisitor` or `allowedOrigins[0]` */
  set(path: string, value: string): string;
  remove(key: string): string;
}

/** A stack's config: commands of the Pulumi CLI. */
export function configWords(stack: string): SettingWords {
  return {
    owner: "this project",
    set: (path, value) => setCommand(stack, path, value),
    remove: (key) => removeCommand(stack, key),
  };
}

/** A component's arguments: code. */
export const ARGUMENT_WORDS: SettingWords = {
  owner: "VisitorTracker",
  set: (path, value) => `${path}: ${toCode(value)}`,
  remove: (key) => `leave ${key} out`,
};

/** Text as config has it, as a literal: lists, objects, numbers and booleans are themselves. */
function toCode(value: string): string {
  const isLiteral = /^(true|false|\d{1,9}|[[{].*)$/.test(value);
  return isLiteral ? value : JSON.stringify(value);
}
