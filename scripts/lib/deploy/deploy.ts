import { resolveEngine, describeEngine } from "../../engine/resolve.ts";
import { smoke as smokeTest, type SmokeOptions, type SmokeVerdict } from "../../smoke.ts";
import type { Site } from "../doctor/account.ts";
import { examine } from "../doctor/examine.ts";
import { hasProblems, renderFindings } from "../doctor/report.ts";
import { withEngine } from "../environment.ts";
import { setStepOutput } from "../github/step.ts";
import { parseOutputs, readStackOutputs, type DeployedStack } from "../outputs.ts";
import type { Project } from "../project.ts";
import { readPlan } from "./plan.ts";
import { AFTER_ROLLBACK, planRollback } from "./rollback.ts";
import { FIRST_PATIENCE_MS, PATIENCE_MS, untilItAnswers } from "./until-it-answers.ts";
import { update, type UpdateOptions } from "./update.ts";
import { activate, readActive, type Active } from "./versions.ts";

export interface DeployOptions extends UpdateOptions {
  readonly project: Project;
  readonly skipDoctor: boolean;
  /** Origin of the smoke test's visitors. @default the first of allowedOrigins */
  readonly origin?: string | undefined;
  /** Whether to roll back; asked only when it is possible. */
  readonly confirmRollback: (question: string) => Promise<boolean>;
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** @default the smoke test */
  readonly smoke?: (url: string, options: SmokeOptions) => Promise<SmokeVerdict>;
}

/**
 * Deploys a stack: the doctor, `pulumi up`, the smoke test; and when that fails, the version before
 * again, if it may.
 * @returns exit code: 0 only when what was deployed works
 */
export async function deploy(stack: string, options: DeployOptions): Promise<number> {
  const { project, reporter, skipDoctor, env = process.env } = options;
  // What is wrong with it is known at once.
  if (options.plan !== undefined) await readPlan(options.plan, stack);
  const site = skipDoctor ? null : await consult(stack, options);
  if (site === "ill") return 1;
  const before = await whatRuns(site);
  const engine = await resolveEngine({ reporter, path: env["PATH"] ?? "" });
  reporter.line(`engine: ${describeEngine(engine)}`);
  const run = { cwd: project.root, env: withEngine(engine, env) };
  const code = await update(stack, engine, run, options);
  if (code !== 0) return code;
  const deployed = parseOutputs(await readStackOutputs(engine, stack, run));
  await setStepOutput("url", deployed.url, env);
  const patienceMs = before.kind === "version" ? PATIENCE_MS : FIRST_PATIENCE_MS;
  if (await isWell(deployed, patienceMs, options)) {
    const embed = deployed.all["embed"];
    if (typeof embed === "string") reporter.line(`Put this on your pages:\n\n${embed}`);
    return 0;
  }
  await offerRollback(stack, site, before, deployed, options);
  return 1;
}

/** Nothing is changed while something stands in the way. */
async function consult(
  stack: string,
  { project, reporter, env }: DeployOptions,
): Promise<Site | null | "ill"> {
  const given = env === undefined ? {} : { env };
  const { findings, site } = await examine(stack, { project, reporter, ...given });
  reporter.line(renderFindings(stack, findings));
  if (!hasProblems(findings)) return site ?? null;
  reporter.line("Nothing was changed. To deploy all the same: --skip-doctor");
  return "ill";
}

async function whatRuns(site: Site | null): Promise<Active> {
  if (site !== null) return readActive(site);
  return { kind: "unknown", reason: "the doctor was skipped, and the account was not asked" };
}

async function isWell(
  deployed: DeployedStack,
  patienceMs: number,
  options: DeployOptions,
): Promise<boolean> {
  const { reporter, smoke = smokeTest } = options;
  await untilItAnswers(deployed.url, patienceMs, reporter);
  const origin = options.origin ?? exampleOrigin(deployed.all["allowedOrigins"]);
  const log = (line: string): void => reporter.line(line);
  const { failed } = await smoke(deployed.url, {
    log,
    ...(origin === undefined ? {} : { origin }),
  });
  return failed === 0;
}

async function offerRollback(
  stack: string,
  site: Site | null,
  before: Active,
  deployed: DeployedStack,
  options: DeployOptions,
): Promise<void> {
  const { reporter, confirmRollback } = options;
  const plan = planRollback(before, await whatRuns(site));
  if (site === null || "reason" in plan) {
    const reason = "reason" in plan ? plan.reason : "the account was not asked";
    reporter.line(`The smoke test failed, and there is no way back by itself: ${reason}.`);
    return;
  }
  const { versionId, since } = plan;
  const { scriptName } = site.config;
  const question = `The smoke test failed. Roll '${scriptName}' back to the version that ran since ${since} (${versionId})?`;
  if (!(await confirmRollback(question))) {
    reporter.line(
      `Not rolled back. To do it: npx wrangler rollback ${versionId} --name ${scriptName}`,
    );
    return;
  }
  const refusal = await activate(site, versionId);
  if (refusal !== null) {
    reporter.line(`Not rolled back: ${refusal}. What was deployed still runs.`);
    return;
  }
  for (const line of AFTER_ROLLBACK) reporter.line(line);
  const works = await isWell(deployed, PATIENCE_MS, options);
  reporter.line(
    works ? "The version before passes the smoke test." : "The version before fails it too.",
  );
}

/** An origin that the entries allow, if one can be made from them. */
function exampleOrigin(entries: unknown): string | undefined {
  const origins = Array.isArray(entries) ? entries.map(String) : [];
  const first = origins.find((entry) => entry.startsWith("http"));
  return first?.replace("*.", "smoke-test.").replace(/:\*$/, "");
}
