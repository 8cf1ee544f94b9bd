import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_ZONES, startLocalCloud, type LocalCloud } from "../../../localcloud/src/index.ts";
import type { Engine } from "../../engine/resolve.ts";
import { capture, type Captured } from "../child.ts";
import { localEnvironment } from "../environment.ts";
import { readTextIfPresent, writeFileAtomically } from "../files.ts";
import type { Interruption } from "../interruption.ts";
import { openProject, PROJECT_NAME, type Project } from "../project.ts";
import { openProvider } from "../provider.ts";
import type { Reporter } from "../reporter.ts";
import type { Base } from "./base.ts";
import { measureBundle, type BundleSize } from "./bundle-size.ts";
import { change, type Change } from "./change.ts";
import { say, type Text } from "./say.ts";
import { forLocalCloud, type LocalConfig } from "./stack-yaml.ts";

export interface LocalRunOptions {
  readonly engine: Engine;
  readonly stack: string;
  /** For everything that the run leaves; the caller removes it. */
  readonly folder: string;
  readonly reporter: Reporter;
  readonly interruption: Interruption;
}

/** What `pulumi preview --json` said, and what goes with it. */
export interface PreviewRun {
  readonly captured: Captured;
  /** Of the bundles before and after, as far as they are known. */
  readonly sizes: readonly BundleSize[];
  readonly notes: readonly Text[];
  /** What the preview cannot show. */
  readonly changes: readonly Change[];
}

interface Side {
  readonly project: Project;
  /** Text of Pulumi.<stack>.yaml; null when it has none. */
  readonly config: string | null;
  /** What it asks of the local cloud; its text is not for use, since it has no address yet. */
  readonly wants: Omit<LocalConfig, "yaml">;
}

/** Stands for the API's address, whose port is another each time, in what people see. */
const SHOWN_API = "http://local-cloud/client/v4";

/**
 * Deploys the base commit to a local cloud of its own, and previews this checkout against it. The
 * stack has its name and config, so that everything but the account is as it would be.
 */
export async function previewOnLocalCloud(
  root: string,
  base: Base,
  options: LocalRunOptions,
): Promise<PreviewRun> {
  const { folder, stack, reporter, interruption } = options;
  const old = await openSide(base.root, folder, stack);
  const fresh = await openSide(root, folder, stack);
  const zones = [...DEFAULT_ZONES, ...old.wants.zones, ...fresh.wants.zones];
  const cloud = await startLocalCloud({
    dir: old.project.cloudDir,
    port: 0,
    edgePort: 0,
    zones: [...new Set(zones)],
    onWarning: (message) => reporter.line(`local cloud: ${message}`),
  });
  try {
    const stackOptions = { ...options, cloud };
    const salt = await makeStack(old.project, stackOptions);
    reporter.line(`deploying ${base.commit.slice(0, 12)} to a local cloud`);
    const up = await runPulumi(old, ["up", "--yes", "--skip-preview"], { ...stackOptions, salt });
    interruption.signal.throwIfAborted();
    const sizes = up.code === 0 ? await sizesOf(old) : [];
    reporter.line("previewing this checkout against it");
    const captured = await runPulumi(fresh, ["preview", "--json"], { ...stackOptions, salt });
    return {
      captured,
      sizes: [...sizes, ...(await sizesOf(fresh))],
      notes: up.code === 0 ? [] : [undeployed(base, up)],
      changes: accountChange(old.wants.accountId, fresh.wants.accountId),
    };
  } finally {
    await cloud.close();
  }
}

async function openSide(root: string, folder: string, stack: string): Promise<Side> {
  const project = openProject({ root, stateDir: join(folder, "state") });
  const config = await readTextIfPresent(join(root, `Pulumi.${stack}.yaml`));
  return { project, config, wants: forLocalCloud(config, { apiUrl: "", accountId: "" }) };
}

type StackOptions = LocalRunOptions & { readonly cloud: LocalCloud };

/** Makes the stack in a file backend of its own. @returns the salt of its passphrase */
async function makeStack(project: Project, options: StackOptions): Promise<string> {
  const { engine, stack } = options;
  await mkdir(project.backendDir, { recursive: true });
  const manifest = `name: ${PROJECT_NAME}\nruntime: nodejs\n`;
  await writeFileAtomically(join(project.stackDir, "Pulumi.yaml"), manifest);
  const args = ["stack", "init", stack, "--no-select", "--non-interactive"];
  const { code, stderr } = await capture(engine.command, args, {
    cwd: project.stackDir,
    env: localEnvironment(project, engine, { providerPort: null }),
    signal: options.interruption.signal,
  });
  options.interruption.signal.throwIfAborted();
  if (code !== 0) throw new Error(`pulumi stack init failed:\n${stderr.trim()}`);
  const written = await readTextIfPresent(configFile(project, stack));
  return /^encryptionsalt: .*$/m.exec(written ?? "")?.[0] ?? "";
}

async function runPulumi(
  { project, config }: Side,
  [command = "", ...args]: readonly string[],
  options: StackOptions & { readonly salt: string },
): Promise<Captured> {
  const { cloud, engine, interruption, reporter, salt, stack } = options;
  const file = configFile(project, stack);
  await writeFileAtomically(file, `${forLocalCloud(config, cloud).yaml}${salt}\n`);
  // One for each side: it reads the bundle from the folder of the program.
  const provider = await openProvider(project, engine, { reporter, interruption });
  try {
    const common = [
      "--stack",
      stack,
      "--config-file",
      file,
      "--non-interactive",
      "--color",
      "never",
    ];
    const { code, stdout, stderr } = await capture(engine.command, [command, ...common, ...args], {
      cwd: project.root,
      env: localEnvironment(project, engine, { providerPort: provider.port }),
      signal: interruption.signal,
    });
    interruption.signal.throwIfAborted();
    const withoutPort = (text: string): string => text.replaceAll(cloud.apiUrl, SHOWN_API);
    return { code, stdout: withoutPort(stdout), stderr: withoutPort(stderr) };
  } finally {
    await provider.close();
  }
}

/** The bundle that a run of the program has written. */
async function sizesOf({ project }: Side): Promise<BundleSize[]> {
  try {
    return [measureBundle(await readFile(join(project.programDir, ".build/worker.js")))];
  } catch {
    // A program that failed before it had a bundle; its error is what is shown.
    return [];
  }
}

function configFile({ stackDir }: Project, stack: string): string {
  return join(stackDir, `Pulumi.${stack}.yaml`);
}

/** Mostly a stack whose config is not complete yet. */
function undeployed({ commit }: Base, { stdout, stderr }: Captured): Text {
  const [, reason = "see its own preview"] = /^\s*error: (.*)$/m.exec(`${stdout}\n${stderr}`) ?? [];
  const head = reason.replace(/:$/, "");
  return say`Commit ${commit.slice(0, 12)} itself cannot be deployed (${head}), so this is compared with nothing`;
}

/** Both sides run on the local cloud's account. */
function accountChange(was: string | undefined, is: string | undefined): Change[] {
  if (was === undefined || is === undefined || was === is) return [];
  const text = say`The account changes from ${was} to ${is}: Cloudflare would destroy the script there with all its Durable Objects; pulumi up refuses it unless allowDataLoss names the script`;
  return [change("data", "danger", text)];
}
