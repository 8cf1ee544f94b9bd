import type { UploadMark } from "../../../infra/src/stack-mark.ts";
import type { Engine } from "../../engine/resolve.ts";
import { localEnvironment, withEngine } from "../environment.ts";
import { messageOf } from "../files.ts";
import type { Project } from "../project.ts";
import type { Reporter } from "../reporter.ts";
import { isLocalStack } from "../selected-stack.ts";
import { readUploadMark } from "../upload-mark.ts";
import { checkAccount, checkPlan, checkScript, checkSubdomain, type Site } from "./account.ts";
import { checkCustomDomain } from "./custom-domain.ts";
import { problem, skipped, warning, type Finding } from "./finding.ts";
import { checkNode, findEngine } from "./machine.ts";
import { findStack, type PulumiRun } from "./pulumi-stack.ts";
import { checkRoute, checkRouteDns } from "./route.ts";
import { filled, siteOf } from "./site.ts";
import { readSettings, type Settings } from "./stack-settings.ts";
import { checkToken } from "./token.ts";
import { checkVersion } from "./version.ts";
import { findZone } from "./zone.ts";

export interface ExamineOptions {
  readonly project: Project;
  readonly reporter: Reporter;
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** For each check, in ms. @default 60_000 */
  readonly limitMs?: number;
  /** Ms since the epoch. @default now */
  readonly now?: number;
}

export interface Examination {
  readonly findings: readonly Finding[];
  /** The account's side; undefined when no token could be tried. */
  readonly site?: Site;
}

const LIMIT_MS = 60_000;

/** Checks all that a deployment of a stack needs, and changes nothing. */
export async function examine(stack: string, options: ExamineOptions): Promise<Examination> {
  const run = new Run(options);
  const { env = process.env, project } = options;
  await run.check("Node", async () => checkNode());
  const engine = await run.find("Pulumi engine", async (signal) => {
    const found = await findEngine({ path: env["PATH"] ?? "", ...homeIn(env), signal });
    return [found.finding, found.engine];
  });
  const pulumi = (signal: AbortSignal): PulumiRun | null =>
    engine === undefined || engine === null ? null : pulumiRun(stack, engine, project, env, signal);
  const settings = await run.find<Settings>("stack config", async (signal) => {
    const found = await readSettings(project, stack, pulumi(signal));
    return [found.finding, found];
  });
  const passphrases = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"];
  // An empty one is one.
  if (settings?.hasPassphrase === true && passphrases.every((name) => env[name] === undefined)) {
    await run.check("passphrase", async () => noPassphrase());
  }
  const isDeployed = await run.find("stack", async (signal) => {
    const cli = pulumi(signal);
    if (cli === null) return [skipped("stack", "not known without a Pulumi engine"), false];
    const found = await findStack(stack, cli);
    return [found.finding, found.isDeployed];
  });
  const site = await openSite(run, stack, settings, isDeployed ?? false, env);
  const readMark = async (signal: AbortSignal): Promise<UploadMark | undefined> => {
    const cli = pulumi(signal);
    return cli === null ? undefined : await readUploadMark(cli.command, stack, cli);
  };
  if (site !== undefined) await examineSite(run, site, readMark, options.now ?? Date.now());
  return { findings: run.findings, ...(site === undefined ? {} : { site }) };
}

/** Undefined, with the reason among the findings, when the account cannot be asked. */
function noPassphrase(): Finding {
  return warning(
    "passphrase",
    "one protects the stack's secrets, and PULUMI_CONFIG_PASSPHRASE is not set: Pulumi asks for it on a terminal, and fails without one",
    "export PULUMI_CONFIG_PASSPHRASE=…",
  );
}

async function openSite(
  run: Run,
  stack: string,
  settings: Settings | undefined,
  isDeployed: boolean,
  env: NodeJS.ProcessEnv,
): Promise<Site | undefined> {
  const config = settings?.config;
  if (config === undefined) {
    await run.check("account", async () =>
      skipped("account", "not asked: the stack's config must be valid first"),
    );
    return undefined;
  }
  const found = siteOf(settings ?? {}, { stack, config, isDeployed, env });
  if ("site" in found) {
    run.hide(found.token);
    return found.site;
  }
  const advice = `make a token: ${found.link} and set it: export CLOUDFLARE_API_TOKEN=…`;
  await run.check("API token", async () =>
    problem("API token", "CLOUDFLARE_API_TOKEN is not set", advice),
  );
  return undefined;
}

async function examineSite(
  run: Run,
  site: Site,
  readMark: (signal: AbortSignal) => Promise<UploadMark | undefined>,
  now: number,
): Promise<void> {
  const { api, config, link } = site;
  const { customDomain, route, workersDev } = config.exposure;
  const token = await run.check("API token", () => checkToken(api, config.accountId, link, now));
  if (token.level === "problem") {
    await run.check("account", async () =>
      skipped("account", "not asked: the API token must work first"),
    );
    return;
  }
  await run.check("account", () => checkAccount(site));
  const script = await run.check("script", () => checkScript(site));
  if (site.isDeployed && script.level === "ok") {
    await run.check("version", async (signal) => checkVersion(site, await readMark(signal)));
  }
  if (workersDev) await run.check("workers.dev", () => checkSubdomain(site));
  const isInZone = customDomain !== undefined || route !== undefined;
  const zoneId = isInZone
    ? await run.find("zone", async () => {
        const found = await findZone(site);
        return [found.finding, found.id];
      })
    : null;
  if (route !== undefined && typeof zoneId === "string") {
    await run.check("route", () => checkRoute(site, route, zoneId));
    await run.check("DNS", () => checkRouteDns(site, route, zoneId));
  }
  if (customDomain !== undefined) {
    await run.check("custom domain", () => checkCustomDomain(site, customDomain, zoneId ?? null));
  }
  await run.check("plan", () => checkPlan(site));
}

/** Runs checks one after another, each with a time limit, and collects what they find. */
class Run {
  readonly findings: Finding[] = [];
  readonly #reporter: Reporter;
  readonly #limitMs: number;
  #secret = "";

  constructor({ reporter, limitMs = LIMIT_MS }: ExamineOptions) {
    this.#reporter = reporter;
    this.#limitMs = limitMs;
  }

  /** Keeps a text out of all that is found from here on. */
  hide(secret: string): void {
    this.#secret = secret;
  }

  async check(name: string, run: (signal: AbortSignal) => Promise<Finding>): Promise<Finding> {
    const [finding] = await this.#limited(name, async (signal) => [await run(signal), undefined]);
    return finding;
  }

  /** @returns what was found besides; undefined when the check itself failed */
  async find<T>(
    name: string,
    run: (signal: AbortSignal) => Promise<readonly [Finding, T]>,
  ): Promise<T | undefined> {
    return (await this.#limited(name, run))[1];
  }

  async #limited<T>(
    name: string,
    run: (signal: AbortSignal) => Promise<readonly [Finding, T]>,
  ): Promise<readonly [Finding, T | undefined]> {
    this.#reporter.status(`checking: ${name}`);
    const limit = new AbortController();
    const expired = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      limit.abort();
      expired.reject(new Error(`nothing for ${this.#limitMs / 1_000} s`));
    }, this.#limitMs);
    const [finding, value] = await Promise.race([run(limit.signal), expired.promise])
      .catch((error: unknown) => [this.#failed(name, error), undefined] as const)
      .finally(() => clearTimeout(timer));
    const clean = withoutSecret(finding, this.#secret);
    this.findings.push(clean);
    return [clean, value];
  }

  #failed(name: string, error: unknown): Finding {
    return problem(name, messageOf(error), "put that right, and run this again");
  }
}

function withoutSecret(finding: Finding, secret: string): Finding {
  if (secret === "" || secret === "local") return finding;
  const hide = (text: string): string => text.replaceAll(secret, "[secret]");
  const { advice } = finding;
  return {
    ...finding,
    found: hide(finding.found),
    ...(advice === undefined ? {} : { advice: hide(advice) }),
  };
}

function pulumiRun(
  ...[stack, engine, project, base, signal]: [
    string,
    Engine,
    Project,
    NodeJS.ProcessEnv,
    AbortSignal,
  ]
): PulumiRun {
  const env = isLocalStack(stack)
    ? localEnvironment(project, engine, { providerPort: null, base })
    : withEngine(engine, base);
  return { command: engine.command, cwd: project.root, env, signal };
}

function homeIn(env: NodeJS.ProcessEnv): { home?: string } {
  const home = filled(env, "PULUMI_HOME");
  return home === undefined ? {} : { home };
}
