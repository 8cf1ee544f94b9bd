import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
} from "@microsoft/api-extractor";
import { readTextIfPresent, writeFileAtomically } from "./files.ts";

/** How the public types of one entry of a package differ from their checked-in description. */
export interface ApiChange {
  /** The description's file, in the package's `api/`. */
  file: string;
  /** Lines that only the description has, and lines that only the types have. */
  gone: readonly string[];
  added: readonly string[];
  /** What the file should hold; null where no entry is left that it describes. */
  report: string | null;
}

/**
 * Compares the built types of each entry with its description, `api/<entry>.api.md`.
 * @param packageDir a package that is built, absolute
 * @returns nothing where all is as described
 * @throws Error when an entry has no types, or types that API Extractor cannot read
 */
export async function compareApi(packageDir: string): Promise<ApiChange[]> {
  const reports = await describeApi(packageDir);
  const folder = join(packageDir, "api");
  const present = await readdir(folder).catch(() => []);
  const changes: ApiChange[] = [];
  for (const file of new Set([...reports.keys(), ...present])) {
    const report = reports.get(file) ?? null;
    const before = await readTextIfPresent(join(folder, file));
    if (before === report) continue;
    const [was, is] = [before ?? "", report ?? ""].map((text) => text.split("\n"));
    changes.push({ file, report, gone: linesOnlyIn(was, is), added: linesOnlyIn(is, was) });
  }
  return changes;
}

/** Makes the descriptions say what the types are. */
export async function updateApi(packageDir: string, changes: readonly ApiChange[]): Promise<void> {
  for (const { file, report } of changes) {
    const path = join(packageDir, "api", file);
    await (report === null ? rm(path) : writeFileAtomically(path, report));
  }
}

/** The changes as text for people, one line each. */
export function formatApiChanges(changes: readonly ApiChange[]): string {
  return changes
    .flatMap(({ file, gone, added }) => [
      `api/${file}`,
      ...gone.map((line) => `  - ${line.trim()}`),
      ...added.map((line) => `  + ${line.trim()}`),
    ])
    .join("\n");
}

function linesOnlyIn(lines: readonly string[] = [], others: readonly string[] = []): string[] {
  const known = new Set(others);
  return lines.filter((line) => line.trim() !== "" && !known.has(line));
}

/** File name to report, for each entry that the package exports with types. */
async function describeApi(packageDir: string): Promise<Map<string, string>> {
  const manifest: unknown = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8"));
  const entries = typesOf(manifest).map((types) => join(packageDir, types));
  const scratch = await mkdtemp(join(tmpdir(), "visitor-tracker-api-"));
  try {
    extract(entries.map((entry) => configure(entry, packageDir, scratch)));
    const reports = new Map<string, string>();
    for (const file of entries.map(reportOf)) {
      reports.set(file, withoutRemarks(await readFile(join(scratch, file), "utf8")));
    }
    return reports;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function reportOf(entry: string): string {
  return `${basename(entry, ".d.ts")}.api.md`;
}

/** Whether something is commented on is nothing that users' code depends on. */
function withoutRemarks(report: string): string {
  return report
    .replaceAll(/^ *\/\/ \(undocumented\)\n/gm, "")
    .replaceAll(" (undocumented)\n", "\n")
    .replace("// (No @packageDocumentation comment for this package)\n\n", "");
}

/** The declaration files of the entries that a package.json exports. */
function typesOf(manifest: unknown): string[] {
  const exported = child(manifest, "exports");
  if (typeof exported !== "object" || exported === null) return [];
  return Object.values(exported)
    .map((entry: unknown) => child(entry, "types"))
    .filter((types) => typeof types === "string");
}

function child(value: unknown, key: string): unknown {
  return new Map<string, unknown>(Object.entries(value ?? {})).get(key);
}

/** Writes the reports. All entries are read as one program, which is what takes the time. */
function extract(configs: readonly ExtractorConfig[]): void {
  const [first, ...others] = configs;
  if (first === undefined) return;
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: others.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
  });
  const errors: string[] = [];
  for (const config of configs) {
    Extractor.invoke(config, {
      compilerState,
      localBuild: true,
      messageCallback(message) {
        message.handled = true;
        if (message.logLevel === ExtractorLogLevel.Error) {
          errors.push(message.formatMessageWithLocation(config.projectFolder));
        }
      },
    });
  }
  if (errors.length > 0) throw new Error(`The types cannot be read:\n${errors.join("\n")}`);
}

function configure(entry: string, packageDir: string, scratch: string): ExtractorConfig {
  const none = { logLevel: ExtractorLogLevel.None };
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: packageDir,
      mainEntryPointFilePath: entry,
      newlineKind: "lf",
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, files: [entry] } },
      apiReport: {
        enabled: true,
        reportFileName: reportOf(entry),
        reportFolder: scratch,
        reportTempFolder: join(scratch, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning, addToApiReportFile: true },
          "ae-missing-release-tag": none,
          "ae-undocumented": none,
        },
        tsdocMessageReporting: { default: none },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(packageDir, "package.json"),
  });
}

const COMPILER_OPTIONS = {
  target: "ES2024",
  lib: ["ES2024", "DOM", "DOM.Iterable"],
  module: "preserve",
  jsx: "react-jsx",
  strict: true,
  skipLibCheck: true,
  types: [],
};
