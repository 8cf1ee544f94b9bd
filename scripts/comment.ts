import { readFile } from "node:fs/promises";
import { messageOf } from "./lib/files.ts";
import { githubFromEnvironment, openGitHub } from "./lib/github/api.ts";
import {
  COMMENT_USAGE,
  parseCommentOptions,
  type CommentOptions,
} from "./lib/github/comment-options.ts";
import { findPullRequest } from "./lib/github/pull-request.ts";
import { commentOn, MAX_BODY_CHARACTERS } from "./lib/github/sticky.ts";
import { renderMarkdown } from "./lib/preview/markdown.ts";
import { parsePreviewJson } from "./lib/preview/parse-json.ts";

/** More than any comment needs; a fork may have written anything. */
const MAX_PREVIEW_BYTES = 4 * 1024 * 1024;

async function main(args: readonly string[]): Promise<number> {
  const options = parseCommentOptions(args);
  if (options === "help") {
    console.log(COMMENT_USAGE);
    return 0;
  }
  await comment(options);
  return 0;
}

async function comment({ preview, target }: CommentOptions): Promise<void> {
  const body = await readComment(preview);
  const github = openGitHub(githubFromEnvironment());
  const pr = typeof target === "number" ? target : await findPullRequest(github, target);
  if (pr === undefined) {
    console.log("no open pull request has this commit as its newest; nothing to comment on");
    return;
  }
  console.log(`pull request ${pr}: comment ${await commentOn(github, pr, body)}`);
}

async function readComment(file: string): Promise<string> {
  const content = await readFile(file).catch((error: unknown) => {
    throw new Error(
      `${file} cannot be read; write it with npm run preview -- --json --out ${file}: ${messageOf(error)}`,
      { cause: error },
    );
  });
  if (content.length > MAX_PREVIEW_BYTES) {
    throw new Error(`${file} has ${content.length} bytes; a preview has at most a few thousand.`);
  }
  const body = renderMarkdown(parse(file, content.toString("utf8")));
  if (body.length <= MAX_BODY_CHARACTERS) return body;
  const [marker = "", , headline = ""] = body.split("\n");
  return [
    marker,
    headline,
    "Too much changes for a comment: see the run of the workflow.",
    "",
  ].join("\n\n");
}

function parse(file: string, text: string): ReturnType<typeof parsePreviewJson> {
  try {
    return parsePreviewJson(text);
  } catch (error) {
    throw new Error(`${file} is not what npm run preview -- --json wrote: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  return 1;
});
