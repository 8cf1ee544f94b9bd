import type { Answer } from "./cloudflare-api.ts";
import { isRecord } from "./is-record.ts";

/** The account never chose a subdomain: one code for the script's, one for the account's. */
const SUBDOMAIN_NOT_FOUND: readonly (number | null)[] = [10007, 10063];

/** Whether the API says that the account never chose a subdomain of workers.dev. */
export function hasNoSubdomain(answer: Answer): boolean {
  if (answer.kind === "refused") return SUBDOMAIN_NOT_FOUND.includes(answer.code);
  return answer.kind === "given" && subdomainIn(answer.result) === undefined;
}

/** The subdomain among what the API gives; undefined when there is none. */
export function subdomainIn(result: unknown): string | undefined {
  const subdomain = isRecord(result) ? result["subdomain"] : undefined;
  return typeof subdomain === "string" && subdomain !== "" ? subdomain : undefined;
}
