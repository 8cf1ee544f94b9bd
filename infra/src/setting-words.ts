import { removeCommand, setCommand } from "./config-problems.ts";

/** How messages tell a person to change a setting: where that is done depends on who set it. */
export interface SettingWords {
  /** What the settings are of, after "is no setting of". */
  readonly owner: string;
  /** @param path a key, or into a value, such as `limits.tabsPerVisitor` or `allowedOrigins[0]` */
  set(path: string, value: string): string;
  remove(key: string): string;
  /** A message for people; it names settings by the commands that set them in a stack's config. */
  tell(message: string): string;
}

/** A stack's config: commands of the Pulumi CLI. */
export function configWords(stack: string): SettingWords {
  return {
    owner: "this project",
    set: (path, value) => setCommand(stack, path, value),
    remove: (key) => removeCommand(stack, key),
    tell: (message) => message,
  };
}

/** A component's arguments: code. */
export const ARGUMENT_WORDS: SettingWords = {
  owner: "VisitorTracker",
  set: setArgument,
  remove: removeArgument,
  tell: (message) =>
    message
      .replaceAll(SET_COMMAND, (_command, path: string, value: string) => setArgument(path, value))
      .replaceAll(REMOVE_COMMAND, (_command, key: string) => removeArgument(key)),
};

/** A value ends before the sentence that it is in. */
const SET_COMMAND = /pulumi config set (?:--path )?([\w.]+) (<[^>]*>|[^\s,;()]*[^\s,;().])/g;
const REMOVE_COMMAND = /pulumi config rm (\w+)/g;

function setArgument(path: string, value: string): string {
  return `${path}: ${toCode(value)}`;
}

function removeArgument(key: string): string {
  return `leave ${key} out`;
}

/** Text as config has it, as a literal: lists, objects, numbers and booleans are themselves. */
function toCode(value: string): string {
  const isLiteral = /^(true|false|\d{1,9}|[[{].*)$/.test(value);
  return isLiteral ? value : JSON.stringify(value);
}
