import { rm } from "node:fs/promises";
import { join } from "node:path";
import { renderProblems } from "../../../infra/src/config-problems.ts";
import { parseConfig } from "../../../infra/src/config.ts";
import { isRecord } from "../../../infra/src/is-record.ts";
import { describeEngine, resolveEngine } from "../../engine/resolve.ts";
import { capture, runWithTerminal } from "../child.ts";
import { deploy, type DeployOptions } from "../deploy/deploy.ts";
import { readUnfinished } from "../deploy/unfinished.ts";
import { findStack } from "../doctor/pulumi-stack.ts";
import { withEngine } from "../environment.ts";
import { readTextIfPresent, writeFileAtomically } from "../files.ts";
import type { Project } from "../project.ts";
import type { Reporter } from "../reporter.ts";
import { readStackFile } from "../stack-file.ts";
import { ofPullRequest, prStackName, pullRequestOf, secretsProviderOf } from "./config.ts";

export interface PrStackOptions {
  readonly project: Project;
  readonly reporter: Reporter;
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
}

export interface PrStackUpOptions extends PrStackOptions, Pick<DeployOptions, "smoke"> {
  /** Stack whose config it takes. */
  readonly from: string;
}

/** The CLI on one pull request's stack. */
interface Cli {
  readonly stack: string;
  readonly command: string;
  readonly run: { readonly cwd: string; readonly env: NodeJS.ProcessEnv };
}

/**
 * Makes a pull request's stack, or updates it, from this checkout.
 * @returns exit code of `deploy`
 */
export async function prStackUp(pr: number, options: PrStackUpOptions): Promise<number> {
  const { project, reporter, from } = options;
  const cli = await openCli(pr, options);
  const base = await readTextIfPresent(join(project.root, `Pulumi.${from}.yaml`));
  if (base === null) {
    throw new Error(
      `--from: there is no Pulumi.${from}.yaml. Give a stack that has a file with its config, such as staging.`,
    );
  }
  if (!(await exists(cli))) {
    const provider = secretsProviderOf(base);
    const secrets = provider === undefined ? [] : ["--secrets-provider", provider];
    await pulumi(cli, ["stack", "init", cli.stack, "--no-select", ...secrets]);
  }
  await writeConfig(cli, from, base);
  await requireOwnScript(cli, project);
  return await deploy(cli.stack, {
    ...options,
    yes: true,
    skipDoctor: false,
    // What ran before was an earlier commit of the same pull request.
    confirmRollback: async () => {
      reporter.line("Not rolled back: push a commit that repairs it.");
      return false;
    },
  });
}

/**
 * Destroys a pull request's stack with its objects, and forgets it. Without one there is nothing to do.
 * @returns exit code
 */
export async function prStackDestroy(pr: number, options: PrStackOptions): Promise<number> {
  const { reporter } = options;
  const cli = await openCli(pr, options);
  const { stack, command, run } = cli;
  if (!(await exists(cli))) {
    reporter.line(`There is no stack '${stack}'; nothing to destroy.`);
    return 0;
  }
  const unfinished = await readUnfinished(cli, stack, run);
  // The provider takes for a failure that what it is to delete is gone already.
  const args = ["destroy", "--refresh", "--stack", stack, "--yes", "--non-interactive"];
  const code = await runWithTerminal(command, args, run);
  if (code !== 0) return code;
  await pulumi(cli, ["stack", "rm", stack, "--yes", "--remove-backups", "--preserve-config"]);
  await rm(configFile(cli), { force: true });
  const begun = unfinished.filter((what) => what.startsWith("was interrupted while creating"));
  if (begun.length === 0) {
    reporter.line(`Stack '${stack}' is gone, and so is its script.`);
    return 0;
  }
  reporter.line(
    `Stack '${stack}' is gone, but its last update ${begun.join(", ")}, which the state never knew of. ` +
      `If the account has it, delete it: npx wrangler delete visitor-tracker-${stack}`,
  );
  return 1;
}

/**
 * Destroys the stacks of pull requests that are not to have one (any more), and leaves the others.
 * @param wanted numbers of those that are
 * @returns exit code: that of the first that could not be destroyed
 */
export async function prStackSweep(
  wanted: ReadonlySet<number>,
  options: PrStackOptions,
): Promise<number> {
  const all = await listPrStacks(options);
  const left = all.filter((pr) => !wanted.has(pr));
  options.reporter.line(
    `${all.length} stacks of pull requests, of which ${left.length} are to be destroyed: ${left.map(prStackName).join(", ") || "none"}`,
  );
  let exitCode = 0;
  for (const pr of left) {
    const code = await prStackDestroy(pr, options);
    exitCode = exitCode === 0 ? code : exitCode;
  }
  return exitCode;
}

async function listPrStacks({ project, reporter, env = process.env }: PrStackOptions) {
  const engine = await resolveEngine({ reporter, path: env["PATH"] ?? "" });
  const run = { cwd: project.root, env: withEngine(engine, env) };
  const list = ["stack", "ls", "--json", "--non-interactive"];
  const { code, stdout, stderr } = await capture(engine.command, list, run);
  if (code !== 0) throw new Error(`pulumi stack ls failed:\n${stderr.trim() || stdout.trim()}`);
  const stacks: unknown = JSON.parse(stdout);
  return (Array.isArray(stacks) ? stacks.filter(isRecord) : [])
    .flatMap(({ name }) => pullRequestOf(String(name)) ?? [])
    .toSorted((a, b) => a - b);
}

async function openCli(pr: number, options: PrStackOptions): Promise<Cli> {
  const { project, reporter, env = process.env } = options;
  const engine = await resolveEngine({ reporter, path: env["PATH"] ?? "" });
  reporter.line(`engine: ${describeEngine(engine)}`);
  const run = { cwd: project.root, env: withEngine(engine, env) };
  return { stack: prStackName(pr), command: engine.command, run };
}

/** @throws Error when the backend cannot be asked */
async function exists({ stack, command, run }: Cli): Promise<boolean> {
  const signal = AbortSignal.timeout(60_000);
  const { finding, isThere } = await findStack(stack, { command, ...run, signal });
  if (isThere !== undefined) return isThere;
  throw new Error(`${finding.found}\n${finding.advice}`);
}

/** Anew each time: a runner has only what is committed, and the base's config may have changed. */
async function writeConfig(cli: Cli, from: string, base: string): Promise<void> {
  const file = configFile(cli);
  const provider = secretsProviderOf(base);
  if ((await readTextIfPresent(file)) === null && provider !== undefined) {
    await writeFileAtomically(file, `secretsprovider: ${provider}\n`);
  }
  // It encrypts the base's secrets again, for this stack.
  await pulumi(cli, ["config", "cp", "--stack", from, "--dest", cli.stack]);
  await writeFileAtomically(file, ofPullRequest((await readTextIfPresent(file)) ?? ""));
}

/** Whatever the base's config says, another stack's script is out of reach. */
async function requireOwnScript({ stack }: Cli, { root }: Project): Promise<void> {
  const source = await readStackFile(root, stack);
  // An encrypted value is of no matter for the name.
  const accountId = source.values["accountId"] ?? "0".repeat(32);
  const { config, problems } = parseConfig({ ...source, values: { ...source.values, accountId } });
  if (config === undefined) throw new Error(renderProblems(stack, problems));
  const wanted = `visitor-tracker-${stack}`;
  if (config.scriptName === wanted) return;
  throw new Error(
    `Stack '${stack}' would have the script '${config.scriptName}', not '${wanted}': take scriptName out of Pulumi.yaml.`,
  );
}

async function pulumi({ command, run }: Cli, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await capture(command, [...args, "--non-interactive"], run);
  const [name, second] = args;
  if (code !== 0) {
    throw new Error(`pulumi ${name} ${second} failed:\n${stderr.trim() || stdout.trim()}`);
  }
}

function configFile({ stack, run }: Cli): string {
  return join(run.cwd, `Pulumi.${stack}.yaml`);
}
