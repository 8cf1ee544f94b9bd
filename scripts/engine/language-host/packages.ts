import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** What a program uses of an npm package that belongs to a Pulumi provider. */
export interface ProviderPackage {
  /** The provider's name, such as `cloudflare`. */
  name: string;
  /** With a `v` in front. */
  version: string;
  /** Where the plugin is to be had, or empty for the default. */
  server: string;
}

export interface Dependency {
  name: string;
  version: string;
}

interface Manifest {
  name: string;
  version: string;
  dependencies: readonly string[];
  devDependencies: readonly string[];
  provider: ProviderPackage | null;
}

/**
 * The providers among the installed packages that a program can import: those in the node_modules
 * folders of its own folder and of the folders above, nearest first, as Node looks for them.
 */
export function findProviders(programDir: string): ProviderPackage[] {
  const found = new Map<string, ProviderPackage>();
  for (const modules of nodeModulesAbove(programDir)) {
    for (const name of packageNames(modules)) {
      const provider = readManifest(join(modules, name))?.provider ?? null;
      if (provider !== null && !found.has(provider.name)) found.set(provider.name, provider);
    }
  }
  return [...found.values()];
}

/**
 * The installed dependencies of a program, in the order of its package.json.
 * @param transitive whether theirs count, too
 */
export function findDependencies(programDir: string, transitive: boolean): Dependency[] {
  const root = packageFolderAbove(programDir);
  const manifest = root === null ? null : readManifest(root);
  if (root === null || manifest === null) return [];
  const found = new Map<string, Dependency>();
  const queue = [...manifest.dependencies, ...manifest.devDependencies].map((name) => ({
    name,
    from: root,
  }));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const folder = resolvePackage(next.name, next.from);
    const installed = folder === null ? null : readManifest(folder);
    if (folder === null || installed === null) continue;
    const key = `${installed.name}@${installed.version}`;
    if (found.has(key)) continue;
    found.set(key, { name: installed.name, version: installed.version });
    if (transitive) {
      queue.push(...installed.dependencies.map((name) => ({ name, from: folder })));
    }
  }
  return [...found.values()];
}

/** The nearest folder, from this one up, that has a package.json. */
export function packageFolderAbove(dir: string): string | null {
  return foldersAbove(dir).find((folder) => existsSync(join(folder, "package.json"))) ?? null;
}

/** This folder and those above it, nearest first. */
export function foldersAbove(dir: string): string[] {
  const folders = [resolve(dir)];
  for (;;) {
    const last = folders.at(-1) ?? "/";
    const parent = dirname(last);
    if (parent === last) return folders;
    folders.push(parent);
  }
}

function nodeModulesAbove(dir: string): string[] {
  return foldersAbove(dir)
    .map((folder) => join(folder, "node_modules"))
    .filter((folder) => existsSync(folder));
}

function resolvePackage(name: string, from: string): string | null {
  const folders = nodeModulesAbove(from).map((modules) => join(modules, name));
  return folders.find((folder) => existsSync(join(folder, "package.json"))) ?? null;
}

function packageNames(modules: string): string[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@")
        ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`)
        : [name],
    );
}

function readManifest(folder: string): Manifest | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return null;
  }
  if (!isRecord(parsed)) return null;
  const name = text(parsed["name"]);
  const version = text(parsed["version"]);
  return {
    name,
    version,
    dependencies: keysOf(parsed["dependencies"]),
    devDependencies: keysOf(parsed["devDependencies"]),
    provider: providerOf(name, version, parsed["pulumi"]),
  };
}

/** Only packages of the @pulumi scope may leave the provider's name out. */
function providerOf(name: string, version: string, pulumi: unknown): ProviderPackage | null {
  if (!isRecord(pulumi) || pulumi["resource"] !== true) return null;
  const scoped = /^@pulumi\/(.+)$/.exec(name)?.[1] ?? "";
  const provider = text(pulumi["name"]) || scoped;
  const release = text(pulumi["version"]) || version;
  if (provider === "" || release === "") return null;
  return {
    name: provider,
    version: release.startsWith("v") ? release : `v${release}`,
    server: text(pulumi["server"]),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
