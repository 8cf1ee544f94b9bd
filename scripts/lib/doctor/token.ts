import type { Answer, Api } from "../../../infra/src/cloudflare-api.ts";
import { isRecord } from "../../../infra/src/is-record.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

const CHECK = "API token";
const DAY_MS = 86_400_000;
/** A token that ends sooner is worth a word. */
const SOON_DAYS = 14;

/**
 * Whether the token is one, and in force.
 * @param link where to make another
 * @param now ms since the epoch
 */
export async function checkToken(
  api: Api,
  accountId: string,
  link: string,
  now: number,
): Promise<Finding> {
  const user = await api.get("/user/tokens/verify");
  // A token of the account is unknown to the user's endpoint.
  const account =
    user.kind === "refused" ? await api.get(`/accounts/${accountId}/tokens/verify`) : user;
  if (account.kind === "given") {
    return judge(user.kind === "given" ? "the user's" : "the account's", account.result, link, now);
  }
  if (account.kind === "unreachable") {
    const { reason } = account;
    return problem(CHECK, `${api.host} cannot be reached: ${reason}`, "check the network");
  }
  return problem(
    CHECK,
    `Cloudflare does not know it: ${said(user)} as the user's, ${said(account)} as the account's`,
    `set CLOUDFLARE_API_TOKEN to a token as it was shown when it was made (not the Global API Key), or make one: ${link}`,
  );
}

function judge(owner: string, result: unknown, link: string, now: number): Finding {
  const { status, expires_on: expiresOn } = isRecord(result) ? result : {};
  if (status !== "active") {
    return problem(CHECK, `it is ${owner}, and '${String(status)}'`, `make another: ${link}`);
  }
  const end = typeof expiresOn === "string" ? Date.parse(expiresOn) : Number.NaN;
  if (Number.isNaN(end)) return ok(CHECK, `active, ${owner}, without an end`);
  const day = new Date(end).toISOString().slice(0, 10);
  const isSoon = end - now < SOON_DAYS * DAY_MS;
  if (isSoon) return warning(CHECK, `active, ${owner}, but only until ${day}`, `renew it: ${link}`);
  return ok(CHECK, `active, ${owner}, until ${day}`);
}

function said(answer: Answer): string {
  if (answer.kind !== "refused") return "no answer";
  return `${answer.status}${answer.code === null ? "" : `, ${answer.code}`} ${answer.message}`;
}
