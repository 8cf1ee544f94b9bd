import { isRecord } from "../../../infra/src/is-record.ts";
import type { GitHub } from "./api.ts";

/** Who writes with a workflow's GITHUB_TOKEN. */
const AUTHOR = "github-actions[bot]";

/** Longest body that GitHub takes. */
export const MAX_BODY_CHARACTERS = 65_536;

export type Outcome = "created" | "updated" | "unchanged";

/** A comment or an issue of ours that is there already. */
export interface Found {
  /** Of a comment its ID, of an issue its number. */
  readonly id: number;
  readonly title: string;
  readonly body: string;
}

/**
 * Comments on a pull request, in the comment that is there already if there is one.
 * @param body whose first line is found again
 */
export async function commentOn(github: GitHub, pr: number, body: string): Promise<Outcome> {
  const [marker = ""] = body.split("\n");
  const path = `/issues/${pr}/comments`;
  const old = findOurs(await github.list(path), marker, "id");
  if (old === undefined) {
    await github.send("POST", path, { body });
    return "created";
  }
  if (old.body === body) return "unchanged";
  await github.send("PATCH", `/issues/comments/${old.id}`, { body });
  return "updated";
}

/**
 * The oldest one that begins with the marker and that a workflow wrote: anybody may write the marker.
 * @param idField of comments `id`, of issues `number`
 */
export function findOurs(
  items: readonly unknown[],
  marker: string,
  idField: "id" | "number",
): Found | undefined {
  for (const item of items) {
    if (!isRecord(item) || !isRecord(item["user"])) continue;
    const { user, title, body, [idField]: id } = item;
    if (user["login"] !== AUTHOR || typeof id !== "number" || typeof body !== "string") continue;
    // GitHub may give line ends back as the web form makes them.
    const text = body.replaceAll("\r\n", "\n");
    if (text.startsWith(marker)) return { id, title: String(title), body: text };
  }
  return undefined;
}
