import type { Refused, Unreachable } from "./api.ts";
import { problem, skipped, warning, type Finding } from "./finding.ts";
import type { Permission } from "./permissions.ts";

/** Cloudflare's codes for a token that is fine but may not do this. */
const AUTHENTICATION_ERROR = 10_000;
const UNAUTHORIZED = 9_109;

export interface Question {
  readonly check: string;
  /** What was asked for, such as `the account's scripts`. */
  readonly what: string;
  readonly permission: Permission;
  /** Where to make a token that may. */
  readonly link: string;
  /** Whether the update can do without the answer. @default false */
  readonly isOptional?: boolean;
}

/** What it means that the API did not answer a question. */
export function unanswered(question: Question, answer: Refused | Unreachable): Finding {
  const { check, what, permission, link, isOptional = false } = question;
  if (answer.kind === "unreachable") {
    return problem(check, `the API cannot be reached: ${answer.reason}`, "check the network");
  }
  const { status, code, message } = answer;
  const said = `${status}${code === null ? "" : `, ${code}`} ${message}`;
  if (status === 501) return skipped(check, `cannot be checked here: ${message}`);
  const isForbidden = isRefusal(answer);
  if (isForbidden && isOptional) {
    return skipped(
      check,
      `the token may not read ${what} (${permission.label}), so this is not known`,
    );
  }
  if (isForbidden) {
    return problem(
      check,
      `the token may not read ${what} (${said}): it lacks the permission ${permission.label}, or it is for another account or zone`,
      `add the permission, or make a token: ${link}`,
    );
  }
  const advice = "try again; https://www.cloudflarestatus.com says whether the API has trouble";
  if (status === 429 || status >= 500) return warning(check, `the API answered ${said}`, advice);
  return problem(
    check,
    `the API answered ${said}`,
    "check accountId and zone in the stack's config",
  );
}

function isRefusal({ status, code }: Refused): boolean {
  return status === 401 || status === 403 || code === AUTHENTICATION_ERROR || code === UNAUTHORIZED;
}
