import type { Api } from "../../../infra/src/cloudflare-api.ts";
import type { StackConfig } from "../../../infra/src/config.ts";
import { askForNamespaces, askForSettings, classesOf } from "../../../infra/src/conflicts/reads.ts";
import { judgeScript } from "../../../infra/src/conflicts/script.ts";
import { isRecord } from "../../../infra/src/is-record.ts";
import { LEDGER } from "../../../infra/src/ledger.ts";
import { WORKERS_SCRIPTS } from "../../../infra/src/permissions.ts";
import { parseMark, type StackMark } from "../../../infra/src/stack-mark.ts";
import { hasNoSubdomain, subdomainIn } from "../../../infra/src/subdomain-answer.ts";
import { judged, ok, problem, skipped, type Finding } from "./finding.ts";
import { ACCOUNT_SETTINGS } from "./permissions.ts";
import { unanswered } from "./unanswered.ts";

/** What checks of the account, its zones and its addresses know. */
export interface Site {
  readonly api: Api;
  readonly config: StackConfig;
  readonly stack: StackMark;
  /** Where to make a token with all that is needed. */
  readonly link: string;
  /** Whether this stack's state has the script. */
  readonly isDeployed: boolean;
}

export async function checkAccount({ api, config, link }: Site): Promise<Finding> {
  const check = "account";
  const answer = await api.get(`/accounts/${config.accountId}`);
  if (answer.kind === "given") {
    const name = isRecord(answer.result) ? answer.result["name"] : undefined;
    return ok(check, `'${String(name)}' can be reached`);
  }
  return unanswered(
    { check, what: "the account's name", permission: ACCOUNT_SETTINGS, link, isOptional: true },
    answer,
  );
}

/** Whether the account's script of this name is ours, and its objects are of a history that we know. */
export async function checkScript(site: Site): Promise<Finding> {
  const { api, config, link, isDeployed, stack } = site;
  const { accountId, scriptName, adopt } = config;
  const question = { check: "script", permission: WORKERS_SCRIPTS, link };
  const answer = await api.get(`/accounts/${accountId}/workers/scripts`);
  if (answer.kind !== "given") {
    return unanswered({ ...question, what: "the account's scripts" }, answer);
  }
  const scripts = Array.isArray(answer.result) ? answer.result.filter(isRecord) : [];
  const deployed = scripts.find(({ id }) => id === scriptName);
  if (deployed === undefined) return judgeAbsent(site);
  const [settings, namespaces] = await Promise.all([
    askForSettings(api, accountId, scriptName),
    askForNamespaces(api, accountId),
  ]);
  const tag = deployed["migration_tag"];
  const existing = {
    tag: typeof tag === "string" ? tag : "",
    classes: namespaces.kind === "given" ? classesOf(namespaces.result, scriptName) : undefined,
    mark: settings.kind === "given" ? parseMark(settings.result) : undefined,
  };
  const wish = { scriptName, stack, ledger: LEDGER, isOwned: isDeployed, adopt };
  return judged("script", judgeScript(existing, wish).verdict);
}

function judgeAbsent({ config, isDeployed }: Site): Finding {
  const { scriptName } = config;
  if (!isDeployed) return ok("script", `the name '${scriptName}' is free`);
  return problem(
    "script",
    `the stack's state has a script, and the account has none called '${scriptName}'`,
    "if it was deleted by hand: npm run pulumi -- refresh; if scriptName or accountId was changed, set it back: the update would destroy the old script with its objects",
  );
}

/** Only with `workersDev`. */
export async function checkSubdomain({ api, config, link }: Site): Promise<Finding> {
  const check = "workers.dev";
  const answer = await api.get(`/accounts/${config.accountId}/workers/subdomain`);
  if (!hasNoSubdomain(answer)) {
    if (answer.kind === "given") {
      return ok(check, `https://${config.scriptName}.${subdomainIn(answer.result)}.workers.dev`);
    }
    const what = "the account's subdomain";
    return unanswered({ check, what, permission: WORKERS_SCRIPTS, link }, answer);
  }
  return problem(
    check,
    "the account has no subdomain yet, and workersDev needs it",
    "choose one in the dashboard (Workers & Pages, once for the account), or set customDomain, or route and zone, instead",
  );
}

/** Which plan the account has for Workers, where the token may see that: nothing depends on it. */
export async function checkPlan({ api, config }: Site): Promise<Finding> {
  const answer = await api.get(`/accounts/${config.accountId}/subscriptions`);
  const cost = "what your visitors cost: npm run bill";
  if (answer.kind !== "given" || !Array.isArray(answer.result)) {
    return skipped("plan", `not to be seen by this token, and it need not; ${cost}`);
  }
  const plans = answer.result.filter(isRecord).map((entry) => JSON.stringify(entry["rate_plan"]));
  const isPaid = plans.some((plan) => /workers_(?:paid|standard)|workers paid/i.test(plan));
  if (isPaid) return ok("plan", `Workers Paid; ${cost}`);
  return ok(
    "plan",
    `no paid Workers plan: 100,000 requests a day, then none until midnight UTC; ${cost}`,
  );
}
