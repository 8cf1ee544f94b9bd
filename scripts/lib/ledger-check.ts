import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isRecord } from "../../infra/src/is-record.ts";
import { capture } from "./child.ts";

/** Where the migration ledger is in a checkout. */
export const LEDGER_FILE = "infra/src/ledger.ts";

/** How releases are tagged: `v1.2.3`, and `@visitor-tracker/client@1.2.3` as changesets does. */
const RELEASE_TAGS: readonly string[] = ["v[0-9]*", "*@[0-9]*"];

/** One entry, as text that differs when it means something else. */
interface Entry {
  readonly tag: string;
  readonly text: string;
}

export interface LedgerCheck {
  /** What was compared, for people. */
  readonly summary: string;
  /** Edits of what was released; empty when there are none. */
  readonly faults: readonly string[];
}

/**
 * Compares the ledger as it is in a checkout with the ledger of the last release, which it must
 * continue: deployed scripts remember a tag of it.
 * @throws Error when git fails or a ledger cannot be read
 */
export async function checkLedger(root: string): Promise<LedgerCheck> {
  const now = await readLedger(await readFile(join(root, LEDGER_FILE), "utf8"));
  const count = now.length === 1 ? "1 entry" : `${now.length} entries`;
  const tags = await releaseTags(root);
  if (tags.length === 0) {
    const why = "git knows no release tag before this commit, so there is nothing to compare with";
    return { summary: `The ledger has ${count}; ${why}.`, faults: [] };
  }
  const faults: string[] = [];
  for (const tag of tags) {
    const released = await ledgerAt(root, tag);
    if (released === null) continue;
    faults.push(...compareLedgers(released, now).map((fault) => `${fault} (release ${tag})`));
  }
  return { summary: `The ledger has ${count}; compared with ${tags.join(" and ")}.`, faults };
}

/** What is wrong and what to do, as one message for the terminal. */
export function renderLedgerFaults(faults: readonly string[]): string {
  return [
    "What was released must not be edited, since deployed scripts go on from the tag they are at:",
    ...faults.map((fault) => `  ${fault}`),
    `Put these entries back (git show <release>:${LEDGER_FILE}), and append an entry that does what you want.`,
  ].join("\n");
}

/** What was done to released entries. Only appending is right. */
function compareLedgers(released: readonly Entry[], now: readonly Entry[]): string[] {
  return released.flatMap((entry, index) => {
    const place = now.findIndex(({ tag }) => tag === entry.tag);
    const found = now[place];
    if (found === undefined) return [`entry '${entry.tag}' is gone`];
    if (found.text !== entry.text) {
      return [`entry '${entry.tag}' was edited: it says ${found.text} and was ${entry.text}`];
    }
    if (place === index) return [];
    return [`entry '${entry.tag}' was moved from place ${index + 1} to ${place + 1}`];
  });
}

/** The last release before the checked-out commit, and that commit's own. */
async function releaseTags(root: string): Promise<string[]> {
  const last = await describeTag(root, "HEAD");
  if (last === null) return [];
  const [head, tagged] = await Promise.all(
    ["HEAD", `${last}^{commit}`].map((revision) => git(root, "rev-parse", revision)),
  );
  if (head !== tagged) return [last];
  const before = await describeTag(root, "HEAD^");
  return before === null ? [last] : [before, last];
}

/** Null when there is none, or no such revision. */
async function describeTag(root: string, revision: string): Promise<string | null> {
  const matching = RELEASE_TAGS.flatMap((pattern) => ["--match", pattern]);
  const args = ["describe", "--tags", "--abbrev=0", ...matching, revision];
  const { code, stdout } = await capture("git", args, { cwd: root });
  return code === 0 ? stdout.trim() : null;
}

/** Null when the release had no ledger. */
async function ledgerAt(root: string, tag: string): Promise<Entry[] | null> {
  const path = await git(root, "ls-tree", "--name-only", tag, LEDGER_FILE);
  return path === "" ? null : readLedger(await git(root, "show", `${tag}:${LEDGER_FILE}`));
}

async function git(root: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await capture("git", args, { cwd: root });
  if (code !== 0) throw new Error(`git ${args.join(" ")} failed: ${stderr.trim()}`);
  return stdout.trim();
}

/** Runs a ledger's source, which imports nothing, and gives its entries. */
async function readLedger(source: string): Promise<Entry[]> {
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-ledger-"));
  try {
    const file = join(folder, "ledger.ts");
    await writeFile(file, source);
    const module: unknown = await import(pathToFileURL(file).href);
    const ledger =
      typeof module === "object" && module !== null ? Reflect.get(module, "LEDGER") : null;
    if (!Array.isArray(ledger)) throw new Error(`${LEDGER_FILE} exports no list LEDGER.`);
    return ledger.map(readEntry);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readEntry(value: unknown): Entry {
  if (isRecord(value) && typeof value["tag"] === "string") {
    return { tag: value["tag"], text: JSON.stringify(sorted(value)) };
  }
  throw new Error(`${LEDGER_FILE}: ${JSON.stringify(value)} is no entry; each has a tag.`);
}

/** With keys in one order, which means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
