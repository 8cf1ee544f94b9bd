import { fileURLToPath } from "node:url";
import { figuresOf } from "./figures.ts";
import { measure } from "./measure.ts";
import { QUIET_USAGE, type QuietOptions, parseQuietOptions } from "./options.ts";
import { type SiteName, saveRun, saveSite } from "./results.ts";
import { measureSite } from "./site.ts";

const RESULTS = fileURLToPath(new URL("../../results.json", import.meta.url));

async function main(args: readonly string[]): Promise<void> {
  const options = parseQuietOptions(args, RESULTS);
  if (options === "help") return console.log(QUIET_USAGE);
  const { pages, splitAt, hasSiteCount } = options;
  const isSite = pages > 1 || splitAt !== null || hasSiteCount;
  await (isSite ? runSite(options) : runPage(options));
}

async function runPage({ visitors, minutes, clients, out }: QuietOptions): Promise<void> {
  for (const name of clients) {
    console.log(`${visitors} visitors with the ${name} client, quiet for ${minutes} min`);
    const run = await measure({ clients: name, visitors, quietMs: minutes * 60_000, log });
    console.table(figuresOf(run));
    if (out !== null) await saveRun(out, run, today());
    if (!run.isRight) process.exitCode = 1;
  }
}

async function runSite(options: QuietOptions): Promise<void> {
  const { visitors, minutes, pages, visit, splitAt, hasSiteCount, out } = options;
  console.log(`${visitors} visitors at once on ${pages} pages, ${visit} min a visit`);
  const run = await measureSite({
    visitors,
    pages,
    visitMs: visit * 60_000,
    measureMs: minutes * 60_000,
    splitAtSockets: splitAt ?? undefined,
    hasSiteCount,
    log,
  });
  console.log(run);
  if (out !== null) await saveSite(out, nameOf(options), run, today());
}

function nameOf({ splitAt, hasSiteCount }: QuietOptions): SiteName {
  if (splitAt !== null) return "hotPage";
  return hasSiteCount ? "siteCount" : "site";
}

function log(line: string): void {
  console.log(`  ${line}`);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
