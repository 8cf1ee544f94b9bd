import { parseArgs } from "node:util";
import { messageOf } from "../lib/unknown.ts";

/** A command line that cannot be followed; the message says why and what can be. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

type OptionTypes = Readonly<
  Record<string, { type: "string" | "boolean"; multiple?: true; short?: string }>
>;

/** What a command was given. */
export interface Arguments {
  text(option: string): string | undefined;
  texts(option: string): string[];
  flag(option: string): boolean;
  /** @throws {UsageError} unless it is a whole number that is not negative */
  number(option: string): number | undefined;
  positionals: string[];
}

/**
 * Reads the arguments of `command`, such as `localcloud start`.
 * @throws {UsageError} naming an option that it does not have, with those that it has
 */
export function readArguments(
  command: string,
  args: readonly string[],
  options: OptionTypes,
): Arguments {
  const { values, positionals } = parse(command, args, options);
  const text = (option: string): string | undefined => {
    const value = values[option];
    return typeof value === "string" ? value : undefined;
  };
  return {
    text,
    texts: (option) => [values[option] ?? []].flat().map(String),
    flag: (option) => values[option] === true,
    number(option) {
      const value = text(option);
      if (value === undefined || /^\d{1,15}$/.test(value))
        return value === undefined ? value : Number(value);
      throw new UsageError(`--${option}: '${value}' is not a whole number.`);
    },
    positionals,
  };
}

function parse(
  command: string,
  args: readonly string[],
  options: OptionTypes,
): ReturnType<typeof parseArgs> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const message = messageOf(error);
    const [, unknown] = /^Unknown option '(--?[^' ]+)/.exec(message) ?? [];
    const known = Object.keys(options).map((name) => `--${name}`);
    const [, empty] =
      /^Option '(--[\w-]+).*' argument (?:missing|is ambiguous)/.exec(message) ?? [];
    if (empty !== undefined) {
      throw new UsageError(`${empty} needs a value; see ${command} --help.`, { cause: error });
    }
    throw new UsageError(
      unknown === undefined
        ? `${message.replace(/\.$/, "")}; see ${command} --help.`
        : `'${unknown}' is no option of ${command}; it has ${known.join(", ")}.`,
      { cause: error },
    );
  }
}

/** @throws {UsageError} when there are more words than the command takes */
export function refuseWords(command: string, words: readonly string[]): void {
  if (words.length === 0) return;
  throw new UsageError(`${command} takes no '${words.join(" ")}'; see ${command} --help.`);
}

/**
 * The port that `--port` names.
 * @throws {UsageError}
 */
export function readPort(given: Arguments, option: string, fallback: number): number {
  const port = given.number(option) ?? fallback;
  if (port <= 65_535) return port;
  throw new UsageError(`--${option}: '${port}' is not a port; use 0 to 65535.`);
}
