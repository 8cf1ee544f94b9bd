/** A sentence whose interpolated values stay apart from its words, so that each output escapes them. */
export type Text = readonly (string | { readonly value: string })[];

/** `say\`${origin} may connect\``: the value is shown as code in Markdown and never read as markup. */
export function say(words: TemplateStringsArray, ...values: readonly (string | number)[]): Text {
  return words.flatMap((word, index) => {
    const value = values[index];
    return value === undefined ? [word] : [word, { value: String(value) }];
  });
}

/** Values as a list of their own: `a`, `b` and `c`. */
export function sayList(values: readonly string[]): Text {
  return values.flatMap((value, index) => {
    if (index === 0) return [{ value }];
    return [index === values.length - 1 ? " and " : ", ", { value }];
  });
}

/** For terminals and JSON: values in single quotes, on one line, without control characters. */
export function toPlain(text: Text): string {
  return text
    .map((part) => (typeof part === "string" ? part : `'${oneLine(part.value)}'`))
    .join("");
}

/** For comments: the words as they are, values as inline code. */
export function toMarkdown(text: Text): string {
  return text.map((part) => (typeof part === "string" ? part : inlineCode(part.value))).join("");
}

/**
 * A value as inline code: no character of it is read as Markdown or HTML, nobody is mentioned, and it
 * breaks neither a line, a list nor a table.
 */
export function inlineCode(value: string): string {
  const shown = oneLine(value).replaceAll("|", "\\|");
  const ticks = "`".repeat(longestRun(shown) + 1);
  // A space on both sides is taken off again; without it, a backtick at an end would join the fence.
  const pad = shown === "" || /^[` ]|[` ]$/.test(shown) ? " " : "";
  return shown === "" ? "(empty)" : `${ticks}${pad}${shown}${pad}${ticks}`;
}

/** Lines as a code block that no line of theirs can end. @param language for colours, such as `diff` */
export function codeBlock(lines: readonly string[], language: string): string {
  const text = lines.map(withoutControls).join("\n");
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

function oneLine(value: string): string {
  return withoutControls(value.replaceAll(/\s*\n\s*/g, " "));
}

/** Control and direction characters could hide or reorder what is shown. */
function withoutControls(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (found) => {
    return `\\u{${found.codePointAt(0)?.toString(16) ?? ""}}`;
  });
}
