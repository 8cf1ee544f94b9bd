import { isRecord } from "../../../infra/src/is-record.ts";
import type { GitHub } from "./api.ts";

/** The commit that a workflow ran for, as the event says it. */
export interface Head {
  /** `owner:branch`; the owner is another one for a fork. */
  readonly branch: string;
  /** Full hash. */
  readonly commit: string;
}

/**
 * The open pull request whose newest commit this is. GitHub names no pull request in the event of a
 * workflow that ran for a fork, and what that run itself says is not to be trusted.
 * @returns undefined when it was closed or has a newer commit
 * @throws Error when it is not clear which one is meant
 */
export async function findPullRequest(
  github: GitHub,
  { branch, commit }: Head,
): Promise<number | undefined> {
  const open = await github.list(`/pulls?state=open&head=${encodeURIComponent(branch)}`);
  const numbers = open.flatMap((pull) => {
    if (!isRecord(pull) || !isRecord(pull["head"])) return [];
    const { number, head } = pull;
    return typeof number === "number" && head["sha"] === commit ? [number] : [];
  });
  if (numbers.length > 1) {
    throw new Error(`${branch} is the head of several pull requests: ${numbers.join(", ")}.`);
  }
  return numbers[0];
}

/** Numbers of the open pull requests that have a label. */
export async function listLabeled(github: GitHub, label: string): Promise<ReadonlySet<number>> {
  const open = await github.list("/pulls?state=open");
  const numbers = open.flatMap((pull) => {
    if (!isRecord(pull) || !Array.isArray(pull["labels"])) return [];
    const { number, labels } = pull;
    const isLabeled = labels.some((one) => isRecord(one) && one["name"] === label);
    return isLabeled && typeof number === "number" ? [number] : [];
  });
  return new Set(numbers);
}
