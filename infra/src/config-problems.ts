/** One thing that is wrong with what was set. */
export interface Problem {
  /** Without the project's namespace. */
  readonly key: string;
  /** What is wrong, with the value. */
  readonly message: string;
  /** A command or code that shows how to put it right. */
  readonly fix: string;
}

/** Everything that is wrong with a stack's config, as one message for the terminal. */
export function renderProblems(stack: string, problems: readonly Problem[]): string {
  const heading = `Stack '${stack}' cannot be deployed, its config (Pulumi.${stack}.yaml) has`;
  return listProblems(heading, problems);
}

/** Everything that is wrong with a component's arguments, as one message for the terminal. */
export function renderArgumentProblems(name: string, problems: readonly Problem[]): string {
  return listProblems(`VisitorTracker '${name}' cannot be deployed, its arguments have`, problems);
}

function listProblems(heading: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ key, message, fix }) => `  ${key}: ${message}\n      ${fix}`);
  return `${heading} ${count}:\n${lines.join("\n")}`;
}

/** A `pulumi config set` command; a `path` such as `limits.tabsPerVisitor` reaches into a value. */
export function setCommand(stack: string, path: string, value: string): string {
  return `pulumi config set --stack ${stack} ${pathOption(path)}${quote(path)} ${quote(value)}`;
}

/** A `pulumi config rm` command, with paths as in {@link setCommand}. */
export function removeCommand(stack: string, path: string): string {
  return `pulumi config rm --stack ${stack} ${pathOption(path)}${quote(path)}`;
}

function pathOption(path: string): string {
  return /[.[]/.test(path) ? "--path " : "";
}

/** The entry of `known` that `word` is most like, the first of equals. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const distances = known.map((entry) => editDistance(word.toLowerCase(), entry.toLowerCase()));
  return known[distances.indexOf(Math.min(...distances))];
}

/** Insertions, deletions and replacements that turn one string into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, character] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(to).entries()) {
      const replaced = (row[j] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** For a POSIX shell; left alone where nothing needs quotes. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
