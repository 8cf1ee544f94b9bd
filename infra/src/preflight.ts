import cloudflarePackage from "@pulumi/cloudflare/package.json" with { type: "json" };
import * as pulumi from "@pulumi/pulumi";
import { fetchAccountSubdomain } from "./account-subdomain.ts";
import { ownAddress, workersDevAddress, type Address } from "./address.ts";
import type { ApiAccess } from "./api-access.ts";
import { openApi, type Api } from "./cloudflare-api.ts";
import type { StackConfig } from "./config.ts";
import { findConflicts, type Conflicts, type Imports } from "./conflicts/check.ts";
import { why } from "./conflicts/reads.ts";
import { findOthersScript, findOwn, type ComponentIdentity } from "./identity.ts";
import { describeLaterUpload } from "./later-upload.ts";
import { findLedgerFaults } from "./ledger-rules.ts";
import { LEDGER } from "./ledger.ts";
import { findScript, findZoneId, type LookupOptions } from "./lookups.ts";
import { parseOwned } from "./owned.ts";
import { WORKERS_SCRIPTS } from "./permissions.ts";
import { parsePreviousRun, readOwnState } from "./previous-run.ts";
import { DURABLE_OBJECT_CLASSES, scriptInputs, type ScriptOptions } from "./script-inputs.ts";
import { readServing, type Serving } from "./serving.ts";
import type { SettingWords } from "./setting-words.ts";
import { fingerprint, planUpload, refuseDataLoss, type UploadPlan } from "./upload-plan.ts";

/** What must be known before the first resource is registered. */
export interface Preflight {
  readonly plan: UploadPlan;
  /** Fingerprint that an upload leaves on the script. */
  readonly mark: string;
  /** Undefined when config names no zone. */
  readonly zoneId: string | undefined;
  /** Undefined when the stack has no single address. */
  readonly address: Address | undefined;
  /** What is there already as it is to be. */
  readonly imports: Imports;
}

/**
 * Asks the account and the stack's state what they know, in previews too.
 * @throws RunError when the update must not go on; nothing is registered then
 */
export async function preflight(
  component: ComponentIdentity,
  config: StackConfig,
  script: ScriptOptions,
  api: ApiAccess,
  words: SettingWords,
): Promise<Preflight> {
  refuseFaultyLedger();
  const { accountId, allowDataLoss, exposure, localCloud, scriptName } = config;
  const state = await readOwnState();
  const own = findOwn(state, component);
  const previous = parsePreviousRun(own.state, own.name);
  refuseOthersScript(findOthersScript(state, own, config), scriptName);
  refuseDataLoss({ accountId, scriptName, previous, allowDataLoss });
  const lookup = { accountId, invoke: api.invoke, isLocal: localCloud !== undefined };
  const deployed = await findScript(scriptName, lookup);
  const { baseUrl, token } = api;
  const asked = token === undefined ? undefined : openApi({ baseUrl, token });
  // What is in the way explains more than what fails because of it.
  const [conflicts, zoneId, address, serves] = await Promise.allSettled([
    findConflicts({
      api: asked,
      config,
      stack: { project: pulumi.getProject(), stack: pulumi.getStack() },
      ledger: LEDGER,
      deployedTag: deployed === undefined ? undefined : (deployed.migrationTag ?? ""),
      ownScript: previous?.scriptName,
      owned: parseOwned(state),
    }),
    findConfiguredZone(exposure.zone, lookup),
    findAddress(config, api),
    // Of a script that the state does not have, nothing is expected.
    findServing(deployed === undefined || previous === undefined ? undefined : asked, config),
  ]);
  const { serving, ...others } = valueOf(serves);
  const { ledger, imports } = await tell(valueOf(conflicts), others.unread, words);
  // Without the provider's version: another one is no reason for an upload.
  const inputs = scriptInputs(script);
  const mark = fingerprint(inputs);
  const plan = planUpload({
    ledger,
    accountId,
    scriptName,
    // Another version of the provider may upload what has not changed here.
    inputs: { ...inputs, provider: cloudflarePackage.version },
    mark,
    deployed,
    serving,
    previous,
    allowDataLoss,
  });
  const notice = describeLaterUpload({ scriptName, plan, mark, deployed, previous, serving });
  if (notice !== undefined) await pulumi.log.warn(notice);
  return { plan, mark, zoneId: valueOf(zoneId), address: valueOf(address), imports };
}

/** A class that the ledger does not make would be found out by the API, after other things were changed. */
function refuseFaultyLedger(): void {
  const faults = findLedgerFaults(LEDGER, Object.values(DURABLE_OBJECT_CLASSES));
  if (faults.length === 0) return;
  throw new pulumi.RunError(
    `Nothing was changed: the migration ledger (infra/src/ledger.ts) is wrong:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
  );
}

/** A component under another name, without an alias, would upload over its own script and then delete it. */
function refuseOthersScript(urn: string | undefined, scriptName: string): void {
  if (urn === undefined) return;
  const name = urn.split("::").at(-1) ?? "";
  throw new pulumi.RunError(
    `Nothing was changed: the script '${scriptName}' is that of another component of this stack, '${name}' (${urn}). ` +
      `If this component had that name or another parent before, say so in its options, or the update would delete the script with all its objects: aliases: [{ name: "${name}" }]. ` +
      "Else give it a script of its own: pulumi config set scriptName <another name>",
  );
}

/** Says what the user must know, and stops when something is in the way. */
async function tell(
  { verdicts, unread: others, ...conflicts }: Conflicts,
  unasked: string | undefined,
  words: SettingWords,
): Promise<typeof conflicts> {
  const problems = verdicts.filter(({ level }) => level === "problem");
  if (problems.length > 0) {
    const lines = problems.map(({ found, advice = "" }) => `  ${found}\n      ${advice}`);
    const count = problems.length === 1 ? "1 thing is" : `${problems.length} things are`;
    throw new pulumi.RunError(
      `Nothing was changed: ${count} in the way of stack '${pulumi.getStack()}':\n${lines.join("\n")}`,
    );
  }
  for (const { level, found, advice = "" } of verdicts) {
    if (level === "warning") await pulumi.log.warn(words.tell(`${found}; ${advice}.`));
  }
  const unread = [...others, ...(unasked === undefined ? [] : [unasked])];
  if (unread.length > 0) {
    await pulumi.log.warn(
      `Not checked for conflicts, and the update goes on: ${unread.join("; ")}.`,
    );
  }
  return conflicts;
}

/** What the script answers with, or why that is not known. */
async function findServing(
  api: Api | undefined,
  config: StackConfig,
): Promise<{ serving?: Serving; unread?: string }> {
  if (api === undefined) return {};
  const found = await readServing((path) => api.get(path), config);
  if (found === undefined) return {};
  if ("versions" in found) return { serving: found };
  return { unread: why("which version serves", WORKERS_SCRIPTS, found) };
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "fulfilled") return result.value;
  throw result.reason;
}

async function findConfiguredZone(
  zone: string | undefined,
  lookup: LookupOptions,
): Promise<string | undefined> {
  return zone === undefined ? undefined : await findZoneId(zone, lookup);
}

/** The address that outputs name: custom domain, else route, else workers.dev. */
async function findAddress(config: StackConfig, api: ApiAccess): Promise<Address | undefined> {
  const { accountId, exposure, localCloud, scriptName } = config;
  const edgeUrl = localCloud?.edgeUrl;
  const own = ownAddress(exposure, edgeUrl);
  if (own !== undefined) return own;
  if (exposure.workersDev) {
    const { baseUrl, token } = api;
    const subdomain = await fetchAccountSubdomain({ accountId, token, baseUrl });
    return workersDevAddress(scriptName, subdomain, edgeUrl);
  }
  const { pattern, basePath } = exposure.route ?? {};
  await pulumi.log.info(
    `The route '${pattern}' serves many hosts, so this stack has no url of its own: take https://<host>${basePath} on each.`,
  );
  return undefined;
}
