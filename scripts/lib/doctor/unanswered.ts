import type { Refused, Unreachable } from "../../../infra/src/cloudflare-api.ts";
import { isForbidden } from "../../../infra/src/conflicts/reads.ts";
import type { Permission } from "../../../infra/src/permissions.ts";
import { problem, skipped, warning, type Finding } from "./finding.ts";

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
  const mayNot = isForbidden(answer);
  if (mayNot && isOptional) {
    return skipped(
      check,
      `the token may not read ${what} (${permission.label}), so this is not known`,
    );
  }
  if (mayNot) {
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
