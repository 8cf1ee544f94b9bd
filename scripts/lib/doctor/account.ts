import type { StackConfig } from "../../../infra/src/config.ts";
import { isRecord } from "../../../infra/src/is-record.ts";
import { LEDGER } from "../../../infra/src/ledger.ts";
import type { Api } from "./api.ts";
import { ok, problem, skipped, type Finding } from "./finding.ts";
import { ACCOUNT_SETTINGS, WORKERS_SCRIPTS } from "./permissions.ts";
import { unanswered } from "./unanswered.ts";

/** What checks of the account, its zones and its addresses know. */
export interface Site {
  readonly api: Api;
  readonly config: StackConfig;
  /** Where to make a token with all that is needed. */
  readonly link: string;
  /** Whether this stack's state has the script. */
  readonly isDeployed: boolean;
}

/** The account's subdomain was never chosen; see infra/src/account-subdomain.ts. */
const SUBDOMAIN_NOT_FOUND: readonly (number | null)[] = [10_007, 10_063];

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
  const { api, config, link } = site;
  const check = "script";
  const answer = await api.get(`/accounts/${config.accountId}/workers/scripts`);
  if (answer.kind !== "given") {
    const what = "the account's scripts";
    return unanswered({ check, what, permission: WORKERS_SCRIPTS, link }, answer);
  }
  const scripts = Array.isArray(answer.result) ? answer.result.filter(isRecord) : [];
  const deployed = scripts.find(({ id }) => id === config.scriptName);
  if (deployed === undefined) return judgeAbsent(site);
  const tag = deployed["migration_tag"];
  return judgeTag(site, typeof tag === "string" ? tag : "");
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

function judgeTag({ config, isDeployed }: Site, tag: string): Finding {
  const { scriptName, allowDataLoss } = config;
  const last = LEDGER.at(-1)?.tag ?? "";
  if (LEDGER.some((entry) => entry.tag === tag)) {
    const next = tag === last ? "the newest" : `the update takes it to '${last}'`;
    return ok(
      "script",
      `'${scriptName}' is deployed, its objects at migration tag '${tag}': ${next}`,
    );
  }
  if (tag !== "") {
    const known = LEDGER.map((entry) => entry.tag).join(", ");
    return problem(
      "script",
      `'${scriptName}' is at migration tag '${tag}', which this code does not know (it knows ${known})`,
      "deploy with the newer version that knows the tag, or give this stack a script of its own: pulumi config set scriptName <another name>",
    );
  }
  if (isDeployed || allowDataLoss === scriptName) {
    return ok("script", `'${scriptName}' is there without objects; the update makes them`);
  }
  return problem(
    "script",
    `the account already has a script '${scriptName}' that this stack did not upload: it has no migration tag`,
    `give this stack a script of its own: pulumi config set scriptName <another name>; or to take it over: pulumi config set allowDataLoss ${scriptName}`,
  );
}

/** Only with `workersDev`. */
export async function checkSubdomain({ api, config, link }: Site): Promise<Finding> {
  const check = "workers.dev";
  const answer = await api.get(`/accounts/${config.accountId}/workers/subdomain`);
  if (answer.kind === "given") {
    const subdomain = isRecord(answer.result) ? answer.result["subdomain"] : undefined;
    if (typeof subdomain === "string" && subdomain !== "") {
      return ok(check, `https://${config.scriptName}.${subdomain}.workers.dev`);
    }
  } else if (answer.kind !== "refused" || !SUBDOMAIN_NOT_FOUND.includes(answer.code)) {
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
