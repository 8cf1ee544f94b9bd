import type { StdioOptions } from "node:child_process";
import { startLocalCloud, type LocalCloud } from "../../localcloud/src/index.ts";
import { describeEngine, resolveEngine } from "../engine/resolve.ts";
import { checkCheckpoint, START_OVER } from "./checkpoint.ts";
import { messageOf } from "./files.ts";
import type { Interruption } from "./interruption.ts";
import { healPendingOperations } from "./pending-operations.ts";
import { requireFreePorts } from "./ports.ts";
import { LOCAL_STACK, LOCAL_ZONES, type Project } from "./project.ts";
import { openProvider } from "./provider.ts";
import { clearStaleLocks } from "./pulumi-locks.ts";
import {
  ensureStack,
  readOutputs,
  runPulumi,
  type LocalPulumi,
  type PulumiOptions,
} from "./pulumi.ts";
import type { Reporter } from "./reporter.ts";
import { reset } from "./reset.ts";
import { announce, claim, release } from "./running.ts";
import { writeLocalConfig } from "./stack-config.ts";
import { openStateFolder, refuseFolder } from "./state-folder.ts";

export interface SessionOptions {
  reporter: Reporter;
  interruption: Interruption;
  /** Of the edge; 0 for any free one. @default 8788 */
  port?: number;
  /** Of the API; 0 for any free one. @default 8789 */
  apiPort?: number;
  /** Forget the stack and its data first. @default false */
  reset?: boolean;
  /** Of Pulumi. @default inherited, without an input: it must not wait for one */
  stdio?: StdioOptions;
}

/** Everything that stack `local` runs on. Close it in the end, whatever happened. */
export interface LocalSession extends LocalPulumi {
  cloud: LocalCloud;
  /**
   * Runs `pulumi up`, on screen.
   * @returns Pulumi's exit code
   */
  deploy(args?: readonly string[], options?: PulumiOptions): Promise<number>;
  /** The stack's outputs. */
  outputs(): Promise<Readonly<Record<string, unknown>>>;
  /** Stops everything. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Makes ready what `pulumi up` on stack `local` needs: engine, provider, local cloud, config, stack.
 * @throws what went wrong, with nothing left running
 */
export async function openSession(
  project: Project,
  options: SessionOptions,
): Promise<LocalSession> {
  const cleanups: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  };
  try {
    return await open(project, options, cleanups, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  project: Project,
  options: SessionOptions,
  cleanups: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<LocalSession> {
  const { reporter, interruption } = options;
  await openStateFolder(project);
  const running = await claim(project).catch((error: unknown) => refuseFolder(project, error));
  cleanups.push(() => release(project));
  await requireFreePorts(wantedPorts(options));
  if (options.reset === true) await reset(project, reporter);

  const engine = await resolveEngine({ reporter, signal: interruption.signal });
  interruption.signal.throwIfAborted();
  const provider = await openProvider(project, engine, { reporter, interruption });
  cleanups.push(() => provider.close());
  reporter.line(`engine: ${describeEngine(engine)} · provider: ${provider.description}`);

  const cloud = await startCloud(project, options);
  cleanups.push(() => cloud.close());
  reporter.line(`local cloud: API ${cloud.apiUrl} · edge ${cloud.edgeUrl}`);
  interruption.signal.throwIfAborted();
  await announce(project, { ...running, apiUrl: cloud.apiUrl, edgeUrl: cloud.edgeUrl });

  const local: LocalPulumi = { project, engine, provider };
  await prepareStack(local, cloud, options);
  return sessionOf(local, cloud, options, close);
}

function sessionOf(
  local: LocalPulumi,
  cloud: LocalCloud,
  options: SessionOptions,
  close: () => Promise<void>,
): LocalSession {
  const { interruption } = options;
  return {
    ...local,
    cloud,
    deploy: (args = [], pulumiOptions = {}) =>
      deploy(local, cloud, args, { interruption, stdio: stdioOf(options), ...pulumiOptions }),
    outputs: () => readOutputs(local),
    close,
  };
}

async function startCloud(project: Project, options: SessionOptions): Promise<LocalCloud> {
  const { port, apiPort, reporter } = options;
  try {
    return await startLocalCloud({
      dir: project.cloudDir,
      zones: LOCAL_ZONES,
      onWarning: (message) => reporter.line(`local cloud: ${message}`),
      ...(port === undefined ? {} : { edgePort: port }),
      ...(apiPort === undefined ? {} : { port: apiPort }),
    });
  } catch (error) {
    const message = `The local cloud cannot start: ${messageOf(error)}\n${START_OVER}`;
    throw new Error(message, { cause: error });
  }
}

/** Also after an interrupted run: it may have left its lock and steps that were under way. */
async function prepareStack(
  local: LocalPulumi,
  cloud: LocalCloud,
  options: SessionOptions,
): Promise<void> {
  const { reporter, interruption } = options;
  const { signal } = interruption;
  await writeConfig(local.project, cloud);
  await checkCheckpoint(local.project, cloud, reporter);
  await ensureStack(local, signal);
  await clearStaleLocks(local.project, {
    signal,
    onWait: (pid) => reporter.status(`stack: waiting for the update of process ${pid} to end`),
  });
  const stdio = stdioOf(options);
  await healPendingOperations(local, cloud.apiUrl, { reporter, interruption, stdio });
}

/** The tracked config may have changed since the last time. */
async function deploy(
  local: LocalPulumi,
  cloud: LocalCloud,
  args: readonly string[],
  options: PulumiOptions,
): Promise<number> {
  await writeConfig(local.project, cloud);
  return await runPulumi(local, ["up", "--stack", LOCAL_STACK, "--yes", ...args], options);
}

async function writeConfig(project: Project, cloud: LocalCloud): Promise<void> {
  await writeLocalConfig(project, { cloudflareBaseUrl: cloud.apiUrl, edgeUrl: cloud.edgeUrl });
}

function stdioOf(options: SessionOptions): StdioOptions {
  return options.stdio ?? ["ignore", "inherit", "inherit"];
}

function wantedPorts(options: SessionOptions): Parameters<typeof requireFreePorts>[0] {
  return [
    { port: options.port ?? 8788, purpose: "the edge", option: "--port" },
    { port: options.apiPort ?? 8789, purpose: "the API", option: "--api-port" },
  ];
}
