import { randomUUID } from "node:crypto";
import { messageOf } from "./lib/files.ts";
import { parseOptions } from "./lib/options.ts";
import { Visitor } from "./visitor.ts";

export interface SmokeOptions {
  /** Origin that the visitors come from; it must be allowed there. @default the origin of the URL */
  origin?: string;
  /** Receives one line for each check. @default console.log */
  log?: (line: string) => void;
}

export interface SmokeVerdict {
  passed: number;
  failed: number;
}

interface Target {
  /** Without a slash at the end. */
  base: string;
  origin: string;
  page: string;
}

type Check = readonly [name: string, run: (target: Target) => Promise<void>];

/**
 * Checks the contract against a deployment: health, CORS, refusals, and the count as two visitors
 * come and go on a page of their own.
 * @param url where the deployment answers, e.g. `https://count.example.com` or with a base path
 */
export async function smoke(url: string, options: SmokeOptions = {}): Promise<SmokeVerdict> {
  const { origin = new URL(url).origin, log = console.log } = options;
  const page = `${origin}/smoke-test/${randomUUID()}`;
  const target: Target = { base: url.replace(/\/$/, ""), origin, page };
  const verdict: SmokeVerdict = { passed: 0, failed: 0 };
  for (const [name, run] of CHECKS) {
    try {
      await run(target);
      verdict.passed += 1;
      log(`  ok    ${name}`);
    } catch (error) {
      verdict.failed += 1;
      log(`  FAIL  ${name}: ${explain(error)}`);
    }
  }
  log(`smoke test of ${url}: ${verdict.passed} passed, ${verdict.failed} failed`);
  return verdict;
}

const CHECKS: readonly Check[] = [
  ["/health answers {status, timestamp}", checkHealth],
  ["CORS names the allowed origin", checkCors],
  ["another origin gets no permission", checkForeignOrigin],
  ["a request without an upgrade is told so", checkUpgradeRequired],
  ["a visitor without a page is refused", checkMissingPage],
  [
    "two visitors are 2, two tabs of one are still 2, and leaving is seen within a second",
    checkCount,
  ],
];

async function checkHealth({ base }: Target): Promise<void> {
  const response = await fetch(`${base}/health`);
  const body: unknown = await response.json();
  const keys = typeof body === "object" && body !== null ? Object.entries(body) : [];
  const [status, timestamp] = keys;
  expect(response.status === 200 && keys.length === 2, `got ${response.status} ${show(body)}`);
  expect(status?.[0] === "status" && status[1] === "ok", `got ${show(body)}`);
  expect(timestamp?.[0] === "timestamp" && typeof timestamp[1] === "number", `got ${show(body)}`);
}

async function checkCors({ base, origin }: Target): Promise<void> {
  const response = await fetch(`${base}/health`, { headers: { origin } });
  const allowed = response.headers.get("access-control-allow-origin");
  expect(
    allowed === origin,
    `Access-Control-Allow-Origin is ${allowed}; pass --origin if ${origin} is not allowed there`,
  );
  expect(/\borigin\b/i.test(response.headers.get("vary") ?? ""), "Vary does not name Origin");
}

async function checkForeignOrigin({ base }: Target): Promise<void> {
  const origin = "https://not-allowed.invalid";
  const response = await fetch(`${base}/health`, { headers: { origin } });
  expect(response.ok, `got ${response.status}`);
  const allowed = response.headers.get("access-control-allow-origin");
  if (allowed === origin) {
    // Only `*` in allowedOrigins lets every origin in; then a second one must be let in too.
    const other = await fetch(`${base}/health`, {
      headers: { origin: "https://also-not.invalid" },
    });
    expect(
      other.headers.get("access-control-allow-origin") === "https://also-not.invalid",
      `${origin} is permitted`,
    );
  } else expect(allowed === null, `Access-Control-Allow-Origin is ${allowed}`);
}

async function checkUpgradeRequired({ base, origin, page }: Target): Promise<void> {
  const query = new URLSearchParams({ page, userId: randomUUID() });
  const response = await fetch(`${base}/ws?${query.toString()}`, { headers: { origin } });
  await expectRefusal(response, 426, "upgrade_required");
}

async function checkMissingPage({ base, origin }: Target): Promise<void> {
  const response = await fetch(`${base}/ws?userId=${randomUUID()}`, { headers: { origin } });
  await expectRefusal(response, 400, "bad_page");
}

async function checkCount({ base, origin, page }: Target): Promise<void> {
  const visitors: Visitor[] = [];
  const join = async (userId: string): Promise<Visitor> => {
    const visitor = await Visitor.join(base, { page, userId, origin });
    visitors.push(visitor);
    return visitor;
  };
  try {
    const [ada, bob] = [randomUUID(), randomUUID()];
    const first = await join(ada);
    await first.sees(1);
    const second = await join(bob);
    await Promise.all([first.sees(2), second.sees(2)]);
    const tab = await join(bob);
    await tab.sees(2);
    await tab.leave();
    await second.leave();
    await first.sees(1);
    expect(!first.counts.includes(3), `two visitors were counted as ${Math.max(...first.counts)}`);
  } finally {
    for (const visitor of visitors) visitor.kill();
  }
}

async function expectRefusal(response: Response, status: number, code: string): Promise<void> {
  const text = await response.text();
  expect(response.status === status, `got ${response.status} ${text.slice(0, 200)}`);
  expect(text.includes(`"code":"${code}"`), `got ${text.slice(0, 200)}`);
}

function expect(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

/** fetch says only that it failed; the cause says why. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? `${error.message}: ${messageOf(error.cause)}`
    : error.message;
}

function show(value: unknown): string {
  return JSON.stringify(value);
}

const USAGE = `npm run smoke -- URL [--origin ORIGIN]

Checks the contract against a deployment: health, CORS, refusals, and the count as visitors come and go.
  URL       where it answers, e.g. https://count.example.com
  --origin  origin of the visitors, one that the deployment allows (default: the origin of the URL)`;

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
}

async function main(): Promise<void> {
  const { positionals, values } = parseOptions({
    allowPositionals: true,
    options: { origin: { type: "string" }, help: { type: "boolean" } },
  });
  const [url = ""] = positionals;
  if (values.help) return console.log(USAGE);
  if (positionals.length !== 1 || !isBaseUrl(url)) {
    throw new Error(
      `'${positionals.join(" ")}' is not one http(s) URL without a query\n\n${USAGE}`,
    );
  }
  const { failed } = await smoke(url, values.origin === undefined ? {} : { origin: values.origin });
  process.exitCode = failed === 0 ? 0 : 1;
}

if (import.meta.main) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  });
}
