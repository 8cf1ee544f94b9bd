import { parseArgs, type ParseArgsConfig } from "node:util";
import { messageOf } from "./files.ts";

type Config = ParseArgsConfig & { readonly options: NonNullable<ParseArgsConfig["options"]> };
type Parsed<T extends Config> = ReturnType<typeof parseArgs<T>>;

/** Names that npm's own options have, too: they may be set in its config. */
const NPMS: ReadonlySet<string> = new Set(["json", "yes", "help"]);

/**
 * Parses a command line as `node:util` does, and refuses what people get wrong.
 * @param config with the arguments and the options
 * @throws Error with the value and what to do
 */
export function parseOptions<const T extends Config>(
  config: T,
  env: NodeJS.ProcessEnv = process.env,
): Parsed<T> {
  refuseTakenByNpm(Object.keys(config.options), env);
  try {
    refuseOdd(config);
    return parseArgs(config);
  } catch (error) {
    throw new Error(`${withoutStop(messageOf(error))}. --help lists the options.`, {
      cause: error,
    });
  }
}

/**
 * Without the two dashes npm takes options for its own, and tells the script in the environment alone:
 * `npm run deploy --stack=staging` would deploy the default stack.
 * @throws Error with the right command
 */
export function refuseTakenByNpm(
  names: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): void {
  const taken = names.find((name) => !NPMS.has(name) && isSet(env[npmVariable(name)]));
  if (taken === undefined) return;
  const command = env["npm_lifecycle_event"] ?? "<command>";
  throw new Error(
    `npm took --${taken} for an option of its own. Put two dashes before the options: npm run ${command} -- --${taken} …`,
  );
}

/** What is parsed, and hardly meant: an option twice, of which the last would count, or an empty value. */
function refuseOdd({ args, options }: Config): void {
  const { tokens } = parseArgs({
    ...(args === undefined ? {} : { args }),
    options,
    strict: false,
    tokens: true,
  });
  const given = tokens.flatMap((token) => (token.kind === "option" ? [token] : []));
  for (const { name, value: text } of given) {
    if (text?.trim() === "") throw new Error(`--${name}: the value '${text}' is empty`);
    const same = given.filter((other) => other.name === name);
    if (same.length < 2 || options[name]?.multiple === true) continue;
    const values = same.flatMap(({ value }) => (value === undefined ? [] : [`'${value}'`]));
    throw new Error(
      `--${name} is given ${same.length} times${values.length === 0 ? "" : ` (${values.join(", ")})`}; give it once`,
    );
  }
}

/**
 * The name of a stack, which is also that of its file.
 * @throws Error with the value and what to write
 */
export function parseStack(text: string, option = "--stack"): string {
  if (/^[\w.-]{1,100}$/.test(text)) return text;
  const what = `${option}: '${text}' is not the name of a stack`;
  const last = text.split("/").at(-1) ?? "";
  if (text.includes("/") && /^[\w-][\w.-]{0,99}$/.test(last)) {
    throw new Error(
      `${what}: give it without its owner and project, ${option} ${last}. Which organization is meant: npm run pulumi -- org set-default <organization>`,
    );
  }
  throw new Error(`${what} (1 to 100 letters, digits, . _ and -), such as ${option} prod.`);
}

function npmVariable(name: string): string {
  return `npm_config_${name.replaceAll("-", "_")}`;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

function withoutStop(message: string): string {
  return message.replace(/\.$/, "");
}
