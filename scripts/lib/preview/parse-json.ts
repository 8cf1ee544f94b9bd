import { isRecord } from "../../../infra/src/is-record.ts";
import type { Change, Severity, Topic } from "./change.ts";
import type { Comment } from "./markdown.ts";
import { EXIT_CODES, type Verdict } from "./report.ts";
import { say, type Text } from "./say.ts";

const SEVERITIES: readonly Severity[] = ["danger", "warning", "info"];
const TOPICS: readonly Topic[] = [
  "deployment",
  "data",
  "origins",
  "addresses",
  "code",
  "settings",
  "visitors",
  "bill",
  "other",
];

/** Characters that mean nothing to Markdown, HTML or GitHub, wherever they stand in a line. */
const PLAIN_WORDS = /^[\p{L}\p{N} ,.;:()%→…/-]*$/u;

/**
 * Reads what `npm run preview -- --json` wrote. The run may have been that of a fork, whose code wrote
 * what it liked: whatever is not plain words comes back as a value, which is shown as code.
 * @throws Error when it is none of that
 */
export function parsePreviewJson(text: string): Comment {
  const value = parseJson(text);
  if (!isRecord(value)) throw new Error("it is not JSON");
  const { stack, verdict, headline, changes, notes, errors, diff } = value;
  if (typeof stack !== "string" || typeof headline !== "string" || !isVerdict(verdict)) {
    throw new Error("stack, verdict or headline is missing");
  }
  return {
    stack,
    report: {
      verdict,
      headline: isPlain(headline) ? headline : "The preview has no headline",
      changes: listOf(changes, "changes").map(parseChange),
      errors: textsOf(errors, "errors"),
    },
    notes: textsOf(notes, "notes").map(parseText),
    diff: textsOf(diff, "diff").map(oneLine),
  };
}

/**
 * The words and values of a sentence, which `toPlain` put together. One that has other things between
 * its quotes is a value as a whole.
 */
function parseText(text: string): Text {
  const parts = text.split("'");
  const words = parts.filter((_part, index) => index % 2 === 0);
  // Two values side by side would be one run of backticks.
  const areApart = words.slice(1, -1).every((part) => part !== "");
  if (parts.length % 2 === 0 || !areApart || !words.every(isPlain)) return say`${text}`;
  return parts.map((part, index) => (index % 2 === 0 ? part : { value: part }));
}

function isPlain(words: string): boolean {
  return PLAIN_WORDS.test(words) && !/www\.|\/\//i.test(words);
}

function parseChange(change: unknown): Change {
  if (!isRecord(change)) throw new Error("a change is no object");
  const topic = TOPICS.find((one) => one === change["topic"]);
  const severity = SEVERITIES.find((one) => one === change["severity"]);
  const { text } = change;
  if (topic === undefined || severity === undefined || typeof text !== "string") {
    throw new Error("a change has no topic, severity or text");
  }
  return { topic, severity, text: parseText(text) };
}

function isVerdict(value: unknown): value is Verdict {
  return typeof value === "string" && Object.hasOwn(EXIT_CODES, value);
}

function textsOf(value: unknown, name: string): string[] {
  return listOf(value, name).map((item) => {
    if (typeof item === "string") return item;
    throw new Error(`${name} has an entry that is no text`);
  });
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${name} is no list`);
}

function oneLine(line: string): string {
  return line.replaceAll(/[\r\n]+/g, " ");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
