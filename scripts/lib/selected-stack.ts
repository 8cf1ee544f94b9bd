import { createHash } from "node:crypto";
import { join } from "node:path";
import { pulumiHome } from "../engine/resolve.ts";
import { backendUrl } from "./environment.ts";
import { readTextIfPresent } from "./files.ts";
import { LOCAL_STACK, PROJECT_NAME, type Project } from "./project.ts";

/** Commands of `pulumi stack` whose argument is a stack's name. */
const NAMING: ReadonlySet<string> = new Set(
  "select new init create setup rm remove get".split(" "),
);

/** What a command line says about the stack it is for. */
export type StackChoice =
  | { by: "argument"; stack: string }
  /** `stack select <name>` and the like, which may also change what is selected. */
  | { by: "command"; command: string; stack: string }
  | { by: "nothing" };

export function stackOf(args: readonly string[]): StackChoice {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  for (const [index, argument] of own.entries()) {
    const next = own[index + 1];
    if ((argument === "-s" || argument === "--stack") && next !== undefined) {
      return { by: "argument", stack: next };
    }
    const joined = /^(?:--stack=|-s=?)(.+)$/.exec(argument)?.[1];
    if (joined !== undefined) return { by: "argument", stack: joined };
  }
  const [first, command, stack] = wordsOf(own);
  if (first === "stack" && command !== undefined && NAMING.has(command) && stack !== undefined) {
    return { by: "command", command, stack };
  }
  return { by: "nothing" };
}

/** Global flags of the CLI, and -s, that take the next argument as their value. */
const WITH_VALUE: ReadonlySet<string> = new Set(
  "-s --stack -C --cwd --color -v --verbose --tracing --profiling --memprofilerate".split(" "),
);

/** A command line without its flags and their values: the command, its sub-command, arguments. */
export function wordsOf(args: readonly string[]): string[] {
  return args.filter(
    (argument, index) => !argument.startsWith("-") && !WITH_VALUE.has(args[index - 1] ?? ""),
  );
}

/** `local`, or its full name in a file backend; `<some organization>/…/local` is someone else's. */
export function isLocalStack(name: string): boolean {
  return name === LOCAL_STACK || name === `organization/${PROJECT_NAME}/${LOCAL_STACK}`;
}

/**
 * Whether a command works on stack `local`: it says so, or PULUMI_STACK does, or `local` is what was
 * selected last for this checkout.
 */
export async function isForLocalStack(
  args: readonly string[],
  project: Project,
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  const choice = stackOf(args);
  if (choice.by !== "nothing") return isLocalStack(choice.stack);
  const named = env["PULUMI_STACK"];
  if (named !== undefined) return isLocalStack(named);
  return isLocalStack((await selectedStack(project)) ?? "");
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
