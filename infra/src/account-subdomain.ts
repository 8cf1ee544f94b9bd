import { RunError } from "@pulumi/pulumi";
import { openApi } from "./cloudflare-api.ts";
import { hasNoSubdomain, subdomainIn } from "./subdomain-answer.ts";

export interface AccountSubdomainOptions {
  readonly accountId: string;
  /** API token; undefined when none is set. */
  readonly token: string | undefined;
  /** Without final slash. */
  readonly baseUrl: string;
}

/**
 * The account's subdomain of workers.dev, e.g. `alice` for `<script>.alice.workers.dev`. The provider
 * has no function for it.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/subdomains/methods/get/
 * @throws RunError saying what to do; never names the account or the token, which may be secrets
 */
export async function fetchAccountSubdomain(options: AccountSubdomainOptions): Promise<string> {
  const { accountId, token, baseUrl } = options;
  if (token === undefined) {
    throw failure("no API token is set", "set CLOUDFLARE_API_TOKEN in the environment");
  }
  const api = openApi({ baseUrl, token });
  const answer = await api.get(`/accounts/${accountId}/workers/subdomain`);
  if (answer.kind === "unreachable") {
    throw failure(
      `${new URL(baseUrl).origin} cannot be reached (${answer.reason})`,
      "check the network and try again",
    );
  }
  if (hasNoSubdomain(answer)) {
    throw failure(
      "the account has none yet",
      "choose one in the dashboard (Workers & Pages, once for the account), or set customDomain, or route and zone, instead of workersDev",
    );
  }
  if (answer.kind === "given") return subdomainIn(answer.result) ?? "";
  const { status, code, message } = answer;
  const advice =
    status === 401 || status === 403
      ? "check that the API token is valid and may read Workers Scripts of this account"
      : "try again, or set customDomain, or route and zone, instead of workersDev";
  const detail = code === null ? "" : `, ${code} ${message}`;
  throw failure(`Cloudflare's API answered ${status}${detail}`, advice);
}

function failure(what: string, advice: string): RunError {
  return new RunError(
    `The stack's address on workers.dev needs the account's subdomain, and ${what}; ${advice}.`,
  );
}
