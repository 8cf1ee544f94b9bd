import type { Change, Severity, Topic } from "./change.ts";
import { cutDiff, MAX_TEXT_CHARACTERS } from "./raw-diff.ts";
import type { Report, Verdict } from "./report.ts";
import { codeBlock, say, toMarkdown, toPlain, type Text } from "./say.ts";

const SIGNS: { readonly [verdict in Verdict]: string } = {
  none: "⚪",
  harmless: "🟢",
  loses: "🟡",
  destroys: "🔴",
  failed: "🔴",
};

const TITLES: readonly (readonly [Topic, string])[] = [
  ["deployment", "Deployment"],
  ["data", "Data"],
  ["origins", "Sites"],
  ["addresses", "Addresses"],
  ["code", "Code"],
  ["settings", "Settings"],
  ["visitors", "Visitors"],
  ["bill", "Bill"],
  ["other", "Other resources"],
];

/** Everything that a comment shows. */
export interface Comment {
  readonly stack: string;
  readonly report: Report;
  /** What was compared with what, as sentences. */
  readonly notes: readonly Text[];
  /** Lines of a `diff` block. */
  readonly diff: readonly string[];
}

/** First line of the comment for a stack, by which it is found again and replaced. */
function markerOf(stack: string): string {
  return `<!-- visitor-tracker preview of ${stack.replaceAll(/[^\w.-]/g, "_")} -->`;
}

/**
 * The preview as a comment for a pull request. The same preview gives the same text: there is no
 * time, path or port in it.
 */
export function renderMarkdown({ stack, report, notes, diff }: Comment): string {
  const { verdict, headline, changes, errors } = report;
  const head = [
    markerOf(stack),
    `### ${SIGNS[verdict]} ${headline}`,
    `${toMarkdown(say`Stack ${stack}`)}. ${notes.map((note) => `${toMarkdown(note)}.`).join(" ")}`.trim(),
    ...(errors.length === 0 ? [] : [codeBlock(errors.flatMap(wrap), "text")]),
    ...alert(changes, "danger", "CAUTION"),
    ...alert(changes, "warning", "WARNING"),
    ...topics(changes.filter(({ severity }) => severity === "info")),
  ].join("\n\n");
  const folded = foldedDiff(diff, MAX_TEXT_CHARACTERS - head.length);
  return `${[head, ...folded].join("\n\n")}\n`;
}

/** Lines of a text, none much longer than a comment is wide; each keeps its indentation. */
function wrap(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const indent = /^ */.exec(line)?.[0] ?? "";
    const parts = line.slice(indent.length).match(/.{1,96}(?:\s|$)|\S+\s*/g) ?? [""];
    return parts.map((part) => `${indent}${part.trimEnd()}`);
  });
}

function alert(changes: readonly Change[], severity: Severity, kind: string): string[] {
  const lines = changes.filter((one) => one.severity === severity).map(({ text }) => text);
  if (lines.length === 0) return [];
  return [[`> [!${kind}]`, ...lines.map((text) => `> - ${toMarkdown(text)}.`)].join("\n")];
}

function topics(changes: readonly Change[]): string[] {
  return TITLES.flatMap(([topic, title]) => {
    const lines = changes.filter((one) => one.topic === topic).map(({ text }) => text);
    if (lines.length === 0) return [];
    return [`**${title}**\n\n${lines.map((text) => `- ${toMarkdown(text)}`).join("\n")}`];
  });
}

/** The lines that fit, folded. */
function foldedDiff(diff: readonly string[], room: number): string[] {
  if (diff.length === 0) return [];
  const block = codeBlock(cutDiff(diff, room), "diff");
  return [`<details><summary>What differs, input by input</summary>\n\n${block}\n\n</details>`];
}

/** The same for a terminal. */
export function renderPlain({ stack, report, notes, diff }: Comment): string {
  const marks: { readonly [severity in Severity]: string } = {
    danger: "!!",
    warning: "! ",
    info: "  ",
  };
  const { headline, changes, errors } = report;
  return [
    `${headline} (stack ${stack})`,
    ...notes.map((note) => `  ${toPlain(note)}.`),
    ...errors.flatMap((text) => ["", ...wrap(text).map((line) => `  ${line}`)]),
    ...(changes.length === 0 ? [] : [""]),
    ...changes.map(({ severity, text }) => `${marks[severity]} ${toPlain(text)}`),
    ...(diff.length === 0 ? [] : ["", ...diff.map((line) => `    ${line}`)]),
    "",
  ].join("\n");
}

/** The same for programs, as one line. */
export function renderJson({ stack, report, notes, diff }: Comment, exitCode: number): string {
  const { verdict, headline, changes, errors } = report;
  const plain = changes.map(({ topic, severity, text }) => ({
    topic,
    severity,
    text: toPlain(text),
  }));
  const value = {
    stack,
    verdict,
    exitCode,
    headline,
    changes: plain,
    notes: notes.map(toPlain),
    errors,
    diff,
  };
  return `${JSON.stringify(value)}\n`;
}
