import { parseOptions } from "../options.ts";
import type { Head } from "./pull-request.ts";

export interface CommentOptions {
  /** File of `npm run preview -- --json --out`. */
  readonly preview: string;
  /** Number of the pull request, or the commit that it has to be found by. */
  readonly target: number | Head;
}

export const COMMENT_USAGE = `npm run comment -- --preview FILE (--pr N | --head OWNER:BRANCH --commit SHA)

Puts a preview into a pull request, as one comment that is updated in place.
  --preview  what npm run preview -- --json --out FILE wrote; nothing in it is trusted
  --pr       number of the pull request
  --head     branch of the pull request, where its number is not known
  --commit   the branch's newest commit; another one means that the pull request has moved on
In the environment: GITHUB_TOKEN, GITHUB_REPOSITORY, and GITHUB_API_URL for GitHub Enterprise.
Exits with 0 when the comment is there, or the pull request has moved on; else with 1.`;

/**
 * @returns "help" when that is asked for
 * @throws Error for a command line that cannot be followed
 */
export function parseCommentOptions(args: readonly string[]): CommentOptions | "help" {
  const { values } = parseOptions({
    args: [...args],
    options: {
      preview: { type: "string" },
      pr: { type: "string" },
      head: { type: "string" },
      commit: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { preview, pr, head, commit } = values;
  if (preview === undefined) throw new Error("--preview is missing: the file to show.");
  if (pr !== undefined && head === undefined && commit === undefined) {
    return { preview, target: parsePullRequest(pr) };
  }
  if (pr !== undefined || head === undefined || commit === undefined) {
    throw new Error("Say which pull request: --pr N, or --head OWNER:BRANCH and --commit SHA.");
  }
  if (!/^[\w.-]+:[^\s:]+$/.test(head)) throw new Error(`--head: '${head}' is not OWNER:BRANCH.`);
  if (!/^[\da-f]{40}$/.test(commit)) throw new Error(`--commit: '${commit}' is no full hash.`);
  return { preview, target: { branch: head, commit } };
}

/** @throws Error when it is no number of a pull request */
export function parsePullRequest(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`--pr: '${text}' is not the number of a pull request.`);
}
