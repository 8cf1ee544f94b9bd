import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { capture } from "./lib/child.ts";
import { messageOf, writeFileAtomically } from "./lib/files.ts";
import { CHECKOUT } from "./lib/project.ts";
import { createReporter, type Reporter } from "./lib/reporter.ts";
import { renderSizes } from "./lib/sizes/docs.ts";
import { installPackages } from "./lib/sizes/install.ts";
import { measure, sizeOf } from "./lib/sizes/measure.ts";
import { OUR_PARTS, OURS } from "./lib/sizes/ours.ts";
import { PEERS } from "./lib/sizes/peers.ts";
import type { Measured, Subject } from "./lib/sizes/subject.ts";
import { formatOurs, formatPeers } from "./lib/sizes/table.ts";

const USAGE = `npm run sizes

Builds the client, measures it beside everything else that could show a live count (bundled,
minified, compressed, without React; peers from npm's registry), and writes docs/size.md.`;

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    console.log(USAGE);
    process.exitCode = args.join() === "--help" ? 0 : 2;
    return;
  }
  const reporter = createReporter(process.stdout);
  await buildClient(reporter);
  const parts = await measureAll(OUR_PARTS, CHECKOUT, reporter);
  const [ours] = await measureAll([OURS], CHECKOUT, reporter);
  if (ours === undefined) throw new Error(`${OURS.name} was not measured`);
  const peers = await measurePeers(reporter);
  const tables = {
    ours: formatOurs(parts, sizeOf(await readLiveScript())),
    peers: formatPeers(ours, peers),
  };
  const path = join(CHECKOUT, "docs/size.md");
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)}.`;
  const document = renderSizes(await readFile(path, "utf8"), { ...tables, measured });
  await writeFileAtomically(path, document);
  reporter.line(`\n${tables.ours}\n\n${tables.peers}\n\nWritten: docs/size.md`);
}

async function buildClient(reporter: Reporter): Promise<void> {
  reporter.line("building the client");
  const { code, stdout, stderr } = await capture("tsdown", [], { cwd: join(CHECKOUT, "client") });
  if (code !== 0) throw new Error(`the client does not build:\n${stdout}${stderr}`);
}

/** What the Worker serves at /live.js. */
async function readLiveScript(): Promise<string> {
  const path = join(CHECKOUT, "worker/src/generated/live.ts");
  const module: unknown = await import(pathToFileURL(path).href);
  const script = new Map<string, unknown>(Object.entries(module ?? {})).get("LIVE_JS");
  if (typeof script !== "string") throw new Error(`${path} has no LIVE_JS; run npm run generate`);
  return script;
}

async function measurePeers(reporter: Reporter): Promise<Measured[]> {
  const folder = await installPackages(PEERS, join(CHECKOUT, ".local/sizes"), {
    onStart: (packages) => reporter.line(`installing ${packages.length} packages, about a minute`),
  });
  return measureAll(PEERS, folder, reporter);
}

async function measureAll(
  subjects: readonly Subject[],
  folder: string,
  reporter: Reporter,
): Promise<Measured[]> {
  const all: Measured[] = [];
  for (const subject of subjects) {
    reporter.status(`measuring ${subject.name}`, { quietMs: 0 });
    all.push(await measure(subject, folder));
  }
  return all;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
