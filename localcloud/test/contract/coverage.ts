import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type RunnerTask, afterAll } from "vitest";
import type { JournalEntry } from "../../src/journal.ts";
import { isRecord } from "../../src/lib/unknown.ts";

/** By endpoint, by test file: the real clients that were answered with success, none for a test's own. */
export type Coverage = Record<string, Record<string, string[]>>;

/** Writes what is learnt, and the pages made of it, instead of comparing. */
export const IS_WRITING: boolean = process.env["LOCALCLOUD_COVERAGE"] === "write";

const REPAIR = "LOCALCLOUD_COVERAGE=write npx vitest run --project=localcloud";
const TABLE = fileURLToPath(new URL("coverage.json", import.meta.url));
const LEARNT = fileURLToPath(
  new URL("../../../node_modules/.cache/localcloud-coverage", import.meta.url),
);

/** Clients that are not written for a test, by how they introduce themselves. */
const CLIENTS: readonly { name: string; agent: RegExp }[] = [
  { name: "wrangler", agent: /^wrangler\// },
  { name: "cloudflare SDK", agent: /^Cloudflare\/JS / },
  { name: "provider (replayed)", agent: /^terraform-provider-cloudflare\/\d/ },
  { name: "stand-in provider", agent: /^terraform-provider-cloudflare\/pulumi stand-in$/ },
];

const learnt = new Map<string, Set<string>>();

/** Notes an endpoint that this test file has used. */
export function learn({ method, endpoint, status, userAgent }: JournalEntry): void {
  if (endpoint === null || status !== 200) return;
  const key = `${method} ${endpoint}`;
  const clients = learnt.get(key) ?? new Set();
  learnt.set(key, clients);
  const client = CLIENTS.find(({ agent }) => agent.test(userAgent));
  if (client !== undefined) clients.add(client.name);
}

/**
 * At the end of a test file that passed as a whole: fails when the table says that it uses what it did not.
 * That it uses more is no lie, and is written down the next time that the table is.
 */
export function checkCoverage(): void {
  // oxlint-disable-next-line no-empty-pattern -- vitest takes its first argument for a list of fixtures
  afterAll(({}, { file }) => {
    const isWhole = file.tasks.every(hasPassed);
    const found = Object.fromEntries(
      [...learnt].map(([endpoint, clients]) => [endpoint, [...clients].toSorted()]),
    );
    if (IS_WRITING) {
      if (!isWhole) return;
      mkdirSync(LEARNT, { recursive: true });
      writeFileSync(join(LEARNT, `${basename(file.name)}.json`), JSON.stringify(found));
      return;
    }
    if (isWhole) requireUsed(basename(file.name), found);
  });
}

function hasPassed(task: RunnerTask): boolean {
  return task.type === "suite" ? task.tasks.every(hasPassed) : task.result?.state === "pass";
}

function requireUsed(file: string, found: Record<string, string[]>): void {
  const known = Object.entries(readCoverage()).flatMap(([endpoint, files]) => {
    const clients = files[file];
    return clients === undefined ? [] : claims(endpoint, clients);
  });
  const used = Object.entries(found).flatMap(([endpoint, clients]) => claims(endpoint, clients));
  const wrong = known.filter((line) => !used.includes(line));
  if (wrong.length === 0) return;
  throw new Error(
    `${file} does not use what coverage.json says; bring that up to date: ${REPAIR} ${file}\n${wrong.join("\n")}`,
  );
}

/** The endpoint, and the endpoint with each client. */
function claims(endpoint: string, clients: readonly string[]): string[] {
  return [endpoint, ...clients.map((client) => `${endpoint} by ${client}`)];
}

/** The table as it is checked in. */
export function readCoverage(): Coverage {
  const table: unknown = JSON.parse(readFileSync(TABLE, "utf8"));
  if (!isRecord(table)) throw new Error(`${TABLE} is not a table.`);
  return Object.fromEntries(
    Object.entries(table).map(([endpoint, files]) => [
      endpoint,
      isRecord(files) ? lists(files) : {},
    ]),
  );
}

function lists(record: Record<string, unknown>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(record).map(([name, list]) => [
      name,
      Array.isArray(list) ? list.map(String) : [],
    ]),
  );
}

/** Forgets what an earlier run has learnt. */
export function forgetLearnt(): void {
  rmSync(LEARNT, { recursive: true, force: true });
}

/** Puts what the test files of this run have learnt into the table; the others keep what they have. */
export function mergeLearnt(): void {
  const coverage = readCoverage();
  mkdirSync(LEARNT, { recursive: true });
  for (const entry of readdirSync(LEARNT)) {
    const file = entry.replace(/\.json$/, "");
    for (const files of Object.values(coverage)) delete files[file];
    const found: unknown = JSON.parse(readFileSync(join(LEARNT, entry), "utf8"));
    for (const [endpoint, clients] of Object.entries(lists(isRecord(found) ? found : {}))) {
      (coverage[endpoint] ??= {})[file] = clients;
    }
  }
  // As the formatter has it: lists of one line.
  const text = JSON.stringify(sorted(coverage), null, 2).replaceAll(/\[\s+([^\]]*?)\s+\]/g, "[$1]");
  writeFileSync(TABLE, `${text.replaceAll(/",\s+"(?=[^\n:]*\])/g, '", "')}\n`);
}

function sorted(coverage: Coverage): Coverage {
  const endpoints = Object.keys(coverage).toSorted();
  return Object.fromEntries(
    endpoints.flatMap((endpoint) => {
      const files = coverage[endpoint] ?? {};
      const names = Object.keys(files).toSorted();
      const entry = Object.fromEntries(names.map((name) => [name, files[name] ?? []]));
      return names.length === 0 ? [] : [[endpoint, entry] as const];
    }),
  );
}
