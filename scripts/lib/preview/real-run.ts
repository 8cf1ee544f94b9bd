import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import type { Engine } from "../../engine/resolve.ts";
import { capture, type Captured } from "../child.ts";
import { parsePulumiPlan, readStateHash, writePlan } from "../deploy/plan.ts";
import { withAdvice } from "../doctor/pulumi-stack.ts";
import { withEngine } from "../environment.ts";
import { readTextIfPresent } from "../files.ts";
import type { Reporter } from "../reporter.ts";
import { checkOutBase, resolveBase } from "./base.ts";
import { measureBundle, type BundleSize } from "./bundle-size.ts";
import { record } from "./digest.ts";
import type { LocalRunOptions, PreviewRun } from "./local-run.ts";
import { maskText, secretsOf } from "./mask.ts";
import { say, type Text } from "./say.ts";

/**
 * Why the real stack cannot be asked; undefined when it can.
 * @param reporter gets what the CLI says, which is not for a comment
 * @param env of the user
 */
export async function whyNotReal(
  root: string,
  engine: Engine,
  stack: string,
  reporter: Reporter,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Text | undefined> {
  if (!(await hasCredentials(root, stack, env))) return ["there is no CLOUDFLARE_API_TOKEN here"];
  const list = ["stack", "ls", "--json", "--non-interactive"];
  const run = { cwd: root, env: realEnvironment(engine, env) };
  const { code, stderr } = await capture(engine.command, list, run);
  if (code === 0) return undefined;
  const said = maskText(stderr.trim(), { secrets: secretsOf(env) });
  reporter.line(`pulumi stack ls: ${withAdvice(stack, said)}`);
  return ["the state of the stacks cannot be read from here"];
}

/** Whether there is anything for the provider to sign in with, as it looks for it. */
async function hasCredentials(
  root: string,
  stack: string,
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("CLOUDFLARE_API_TOKEN")) return true;
  if (isSet("CLOUDFLARE_API_KEY") && isSet("CLOUDFLARE_EMAIL")) return true;
  const text = await readTextIfPresent(join(root, `Pulumi.${stack}.yaml`));
  const config = record(record(parse(text ?? ""))?.["config"]) ?? {};
  return "cloudflare:apiToken" in config || "cloudflare:apiKey" in config;
}

export interface RealRunOptions extends LocalRunOptions {
  readonly base: string | undefined;
  readonly savePlan: string | undefined;
}

/** Previews the stack as it is deployed. */
export async function previewRealStack(root: string, options: RealRunOptions): Promise<PreviewRun> {
  const { stack, interruption, reporter, savePlan } = options;
  reporter.line(`previewing stack ${stack}`);
  const captured =
    savePlan === undefined
      ? await runPreview(root, [], options)
      : await previewWithPlan(root, savePlan, options);
  interruption.signal.throwIfAborted();
  const sizes = await readFile(join(root, "infra/.build/worker.js")).then(
    (content) => [measureBundle(content)],
    () => [],
  );
  const before = captured.stdout.includes("contentSha256") ? await sizeOfBase(root, options) : [];
  return { captured, sizes: [...before, ...sizes], notes: [], changes: [] };
}

function runPreview(
  root: string,
  more: readonly string[],
  { engine, stack, interruption }: RealRunOptions,
): Promise<Captured> {
  const args = ["preview", "--json", "--stack", stack, "--non-interactive", "--color", "never"];
  return capture(engine.command, [...args, ...more], {
    cwd: root,
    env: realEnvironment(engine, process.env),
    signal: interruption.signal,
  });
}

/** @param file for the plan; a preview that fails leaves none */
async function previewWithPlan(
  root: string,
  file: string,
  options: RealRunOptions,
): Promise<Captured> {
  const { engine, stack, folder } = options;
  const env = realEnvironment(engine, process.env);
  const stateHash = await readStateHash(engine, stack, { cwd: root, env });
  const pulumis = join(folder, "plan.json");
  const captured = await runPreview(root, ["--save-plan", pulumis], options);
  if (captured.code !== 0) return captured;
  const plan = parsePulumiPlan(await readFile(pulumis, "utf8"));
  await writePlan(file, { stack, stateHash, plan });
  return captured;
}

/** The size before, if the base is what is deployed. Without it only the size after is said. */
async function sizeOfBase(root: string, options: RealRunOptions): Promise<BundleSize[]> {
  try {
    const commit = await resolveBase(root, options.base);
    const base = await checkOutBase(root, commit, join(options.folder, "base"));
    try {
      const build = pathToFileURL(join(base.root, "worker/build.ts")).href;
      const buildWorker = record(await import(build))?.["buildWorker"];
      const outFile = join(options.folder, "base-worker.js");
      if (typeof buildWorker !== "function") return [];
      await buildWorker({ outFile });
      return [measureBundle(await readFile(outFile))];
    } finally {
      await base.remove();
    }
  } catch {
    // A shallow clone, say. The preview is no worse for it.
    return [];
  }
}

function realEnvironment(engine: Engine, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...withEngine(engine, env), PULUMI_SKIP_UPDATE_CHECK: "true" };
}

/** What a preview of the real stack is compared with. */
export function comparedWithDeployed(stack: string): Text {
  return say`Compared with what is deployed as ${stack}`;
}
