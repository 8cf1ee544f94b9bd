import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { pulumiHome } from "../engine/resolve.ts";
import { backendUrl } from "./environment.ts";
import { readTextIfPresent } from "./files.ts";
import { isWithin, LOCAL_STACK, PROJECT_NAME, type Project } from "./project.ts";

/** Commands that are about a stack, by all their names. All others may be about the account. */
const ABOUT_STACK: ReadonlySet<string> = new Set(
  "up update preview pre refresh destroy down dn import watch logs cancel config state stack console".split(
    " ",
  ),
);

/** Commands of `pulumi stack` that put a stack in force. */
const SELECTING: ReadonlySet<string> = new Set("select new init create setup".split(" "));

/** Commands of `pulumi stack` whose argument is a stack's name. */
const NAMING: ReadonlySet<string> = new Set([...SELECTING, ..."rm remove delete get".split(" ")]);

/** What a command line says about the stack it is for. */
export type StackChoice =
  | { by: "argument"; stack: string }
  /** `stack select <name>`, `cancel <name>` and the like. */
  | { by: "command"; command: string; stack: string }
  | { by: "nothing" };

export function stackOf(args: readonly string[]): StackChoice {
  const own = beforeDashes(args);
  const [given] = valuesOf(own, "-s", "--stack");
  if (given !== undefined) return { by: "argument", stack: given };
  const [first, second, third] = wordsOf(own);
  if (first === "cancel" && second !== undefined) {
    return { by: "command", command: first, stack: second };
  }
  if (first === "stack" && second !== undefined && NAMING.has(second) && third !== undefined) {
    return { by: "command", command: second, stack: third };
  }
  return { by: "nothing" };
}

/** Whether a command ends with its stack in force for this checkout. */
export function selectsStack(args: readonly string[]): boolean {
  const own = beforeDashes(args);
  const [first, second] = wordsOf(own);
  const isOff = own.some((argument) => ["--no-select", "--help", "-h"].includes(argument));
  return first === "stack" && second !== undefined && SELECTING.has(second) && !isOff;
}

/** Flags that take the next argument as their value: global ones, -s, and those of `stack init`. */
const WITH_VALUE: ReadonlySet<string> = new Set(
  (
    "-s --stack -C --cwd --color -v --verbose --tracing --otel-traces --profiling --memprofilerate " +
    "--copy-config-from --secrets-provider --teams"
  ).split(" "),
);

/** A command line without its flags and their values: the command, its sub-command, arguments. */
export function wordsOf(args: readonly string[]): string[] {
  return args.filter(
    (argument, index) => !argument.startsWith("-") && !WITH_VALUE.has(args[index - 1] ?? ""),
  );
}

/** All values of a flag: `-s a`, `-sa`, `-s=a`, `--stack a`, `--stack=a`. */
function valuesOf(args: readonly string[], short: string, long: string): string[] {
  return args.flatMap((argument, index) => {
    const next = args[index + 1];
    if (argument === short || argument === long) return next === undefined ? [] : [next];
    if (argument.startsWith(`${long}=`)) return [argument.slice(long.length + 1)];
    if (argument.startsWith("--") || !argument.startsWith(short)) return [];
    return [argument.slice(short.length).replace(/^=/, "")];
  });
}

function beforeDashes(args: readonly string[]): readonly string[] {
  return args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
}

/** `local`, or its full name in a file backend; `<some organization>/…/local` is someone else's. */
export function isLocalStack(name: string): boolean {
  return name === LOCAL_STACK || name === `organization/${PROJECT_NAME}/${LOCAL_STACK}`;
}

/**
 * Whether a command works on stack `local`: it says so, or PULUMI_STACK does, or `local` is what was
 * selected last for this checkout. A command about the account or the machine (`login`, `plugin`,
 * `new`, …) never does: with the local backend, `login` would replace the user's credentials.
 */
export async function isForLocalStack(
  args: readonly string[],
  project: Project,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  if (!isAboutStackOf(project, beforeDashes(args))) return false;
  const choice = stackOf(args);
  if (choice.by !== "nothing") return isLocalStack(choice.stack);
  // Without a name they ask for one, or take one from elsewhere: not what is in force.
  const [first, second] = wordsOf(args);
  if (first === "stack" && (second === "migrate" || SELECTING.has(second ?? ""))) return false;
  const named = env["PULUMI_STACK"];
  if (named !== undefined) return isLocalStack(named);
  return isLocalStack((await selectedStack(project)) ?? "");
}

function isAboutStackOf(project: Project, args: readonly string[]): boolean {
  const [command] = wordsOf(args);
  if (command === undefined || !ABOUT_STACK.has(command)) return false;
  const folder = resolve(project.root, ...valuesOf(args, "-C", "--cwd"));
  return isWithin(project.root, folder);
}

/**
 * The stack that `pulumi stack select` chose in the local backend. The CLI keeps it by the path of
 * Pulumi.yaml and the backend's URL (pkg/workspace/workspace.go and settings.go of v3.259.0).
 * @returns null when none is, or when the CLI's file cannot be read
 */
export async function selectedStack(
  project: Project,
  home: string = pulumiHome(),
): Promise<string | null> {
  const manifest = join(project.root, "Pulumi.yaml");
  const hash = createHash("sha1").update(manifest).digest("hex");
  const file = join(home, "workspaces", `${PROJECT_NAME}-${hash}-workspace.json`);
  const settings = await readJson(file);
  if (typeof settings !== "object" || settings === null || !("stacks" in settings)) return null;
  const { stacks } = settings;
  if (typeof stacks !== "object" || stacks === null) return null;
  const selected: unknown = Reflect.get(stacks, backendUrl(project));
  return typeof selected === "string" ? selected : null;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse((await readTextIfPresent(file)) ?? "null");
  } catch {
    return null;
  }
}
