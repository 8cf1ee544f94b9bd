import { RunError } from "@pulumi/pulumi";
import { isRecord } from "./is-record.ts";

/** Cloudflare's API, as its provider has it. */
export const CLOUDFLARE_API_URL = "https://api.cloudflare.com/client/v4";

/** The account never chose a subdomain: one code for the script's, one for the account's. */
const SUBDOMAIN_NOT_FOUND: readonly number[] = [10007, 10063];
const TIMEOUT_MS = 30_000;

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
  const { status, body } = await getJson(
    `${baseUrl}/accounts/${accountId}/workers/subdomain`,
    token,
  );
  const { result, errors } = isRecord(body) ? body : {};
  if (isRecord(result) && typeof result["subdomain"] === "string" && result["subdomain"] !== "") {
    return result["subdomain"];
  }
  const error: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const { code, message } = isRecord(error) ? error : {};
  if (SUBDOMAIN_NOT_FOUND.some((known) => known === code)) {
    throw failure(
      `the account has none yet (code ${String(code)})`,
      "choose one in the dashboard (Workers & Pages, once for the account), or set customDomain, or route and zone, instead of workersDev",
    );
  }
  const detail = typeof message === "string" ? `, ${String(code)} ${message}` : "";
  const advice =
    status === 401 || status === 403
      ? "check that the API token is valid and may read Workers Scripts of this account"
      : "try again, or set customDomain, or route and zone, instead of workersDev";
  throw failure(`Cloudflare's API answered ${status}${detail}`, advice);
}

async function getJson(url: string, token: string): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: parseJson(text) };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure(
      `${new URL(url).origin} cannot be reached (${reason})`,
      "check the network and try again",
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(what: string, advice: string): RunError {
  return new RunError(
    `The stack's address on workers.dev needs the account's subdomain, and ${what}; ${advice}.`,
  );
}
