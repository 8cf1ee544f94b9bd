import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { clientEnvironment } from "../../src/environment.ts";
import type { TestCloud } from "./cloud.ts";
import { makeFolder } from "./folder.ts";

const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve("wrangler")),
  "../bin/wrangler.js",
);

/** What a run of wrangler left. */
interface Run {
  code: number;
  stdout: string;
  /** Standard output and standard error, without colours. */
  said: string;
  /** What it wrote for programs: one object a result, the session's start left out. */
  results: Record<string, unknown>[];
}

/** A Worker's project, as people have it. */
export interface Project {
  dir: string;
  /** Writes `wrangler.json`; what is not given has no entry. */
  configure(config: object): void;
  code(text: string): void;
  /** Runs wrangler from npm, unmodified, as it runs without a terminal. */
  wrangler(...args: string[]): Promise<Run>;
}

/** A project named `name` in a folder of its own, for wrangler to deploy to `cloud`. */
export async function makeProject(cloud: TestCloud, name: string): Promise<Project> {
  const dir = await makeFolder();
  let runs = 0;
  return {
    dir,
    configure: (config) => {
      const all = { name, main: "worker.js", compatibility_date: "2026-09-01", ...config };
      writeFileSync(join(dir, "wrangler.json"), JSON.stringify(all));
    },
    code: (code) => writeFileSync(join(dir, "worker.js"), code),
    wrangler: (...args) => {
      runs++;
      return run(cloud, dir, args, join(dir, `results-${runs}.ndjson`));
    },
  };
}

async function run(
  cloud: TestCloud,
  dir: string,
  args: readonly string[],
  resultsFile: string,
): Promise<Run> {
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      // Nothing of the person's own: no login, no cache, no settings.
      HOME: dir,
      XDG_CONFIG_HOME: dir,
      ...clientEnvironment("wrangler", cloud.apiUrl),
      NO_COLOR: "1",
      WRANGLER_LOG_PATH: join(dir, "logs"),
      WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
      WRANGLER_OUTPUT_FILE_PATH: resultsFile,
    },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return {
    code: Number(code),
    stdout,
    said: `${stdout}${stderr}`,
    results: readResults(resultsFile),
  };
}

function readResults(file: string): Record<string, unknown>[] {
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ type }) => type !== "wrangler-session");
}
