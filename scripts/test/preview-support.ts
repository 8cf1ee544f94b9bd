import { readFile } from "node:fs/promises";
import { parseDigest } from "../lib/preview/digest.ts";
import type { Comment } from "../lib/preview/markdown.ts";
import { rawDiff } from "../lib/preview/raw-diff.ts";
import { describeDigest } from "../lib/preview/report.ts";
import { say } from "../lib/preview/say.ts";

/** What the real engine printed, on the local cloud. */
export async function recorded(name: string): Promise<string> {
  return await readFile(new URL(`fixtures/preview/${name}.json`, import.meta.url), "utf8");
}

/** As a comment on stack `prod`. */
export async function comment(name: string): Promise<Comment> {
  const digest = parseDigest(await recorded(name));
  return {
    stack: "prod",
    report: describeDigest(digest),
    notes: [say`Compared with what is deployed as ${"prod"}`],
    diff: rawDiff(digest.resources),
  };
}
