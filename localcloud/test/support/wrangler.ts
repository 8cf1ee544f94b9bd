import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";
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
  /** The same with something to read, as after `echo … |`. */
  wranglerReads(input: string, ...args: string[]): Promise<Run>;
  /** Starts one that runs until it is told to stop; the test ends it. */
  startWrangler(...args: string[]): Started;
}

/** A wrangler that runs. */
interface Started {
  /** Resolves with what it has said when that holds `text`; rejects when it ends before. */
  says(text: string): Promise<string>;
  /** Ctrl-C; resolves with the code that it ends with. */
  interrupt(): Promise<number>;
}

/** A project named `name` in a folder of its own, for wrangler to deploy to `cloud`. */
export async function makeProject(cloud: TestCloud, name: string): Promise<Project> {
  const dir = await makeFolder();
  let runs = 0;
  const nextFile = (): string => join(dir, `results-${++runs}.ndjson`);
  return {
    dir,
    configure: (config) => {
      const all = { name, main: "worker.js", compatibility_date: "2026-09-01", ...config };
      writeFileSync(join(dir, "wrangler.json"), JSON.stringify(all));
    },
    code: (code) => writeFileSync(join(dir, "worker.js"), code),
    wrangler: (...args) => run({ cloud, dir, args, input: "", resultsFile: nextFile() }),
    wranglerReads: (input, ...args) => run({ cloud, dir, args, input, resultsFile: nextFile() }),
    startWrangler: (...args) => start({ cloud, dir, args, resultsFile: nextFile() }),
  };
}

interface Call {
  cloud: TestCloud;
  dir: string;
  args: readonly string[];
  resultsFile: string;
}

function spawnWrangler({ cloud, dir, args, resultsFile }: Call): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [WRANGLER, ...args], {
    cwd: dir,
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
}

async function run(call: Call & { input: string }): Promise<Run> {
  const child = spawnWrangler(call);
  child.stdin.end(call.input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return {
    code: Number(code),
    stdout,
    said: `${stdout}${stderr}`,
    results: readResults(call.resultsFile),
  };
}

function start(call: Call): Started {
  const child = spawnWrangler(call);
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close");
  let said = "";
  const heard = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      said += String(chunk);
      heard.emit("more");
    });
  }
  return {
    async says(wanted) {
      while (!said.includes(wanted)) {
        const [event] = await Promise.race([once(heard, "more"), ended.then(() => ["end"])]);
        if (event === "end") throw new Error(`wrangler ended and never said '${wanted}': ${said}`);
      }
      return said;
    },
    async interrupt() {
      child.kill("SIGINT");
      const [code] = await ended;
      return Number(code);
    },
  };
}

function readResults(file: string): Record<string, unknown>[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ type }) => type !== "wrangler-session");
}
