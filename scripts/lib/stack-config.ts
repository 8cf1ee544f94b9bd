import { join } from "node:path";
import { readTextIfPresent, writeFileAtomically } from "./files.ts";
import { LOCAL_STACK, PROJECT_NAME, type Project } from "./project.ts";

/** What a run sets in the config of stack `local`: where its local cloud listens. */
export interface LocalSettings {
  cloudflareBaseUrl: string;
  edgeUrl: string;
}

/**
 * Writes the config that a run uses: Pulumi.local.yaml with the addresses of this run. It is a copy,
 * handed to the CLI by `--config-file`, because Pulumi writes into the file it is given (the salt of
 * the passphrase) and a run must leave tracked files alone.
 */
export async function writeLocalConfig(project: Project, settings: LocalSettings): Promise<void> {
  const name = `Pulumi.${LOCAL_STACK}.yaml`;
  const tracked = await readTextIfPresent(join(project.root, name));
  if (tracked === null) {
    throw new Error(`${project.root} has no ${name}; restore it (git checkout ${name}).`);
  }
  const previous = await readTextIfPresent(project.configFile);
  const wanted = withSalt(withSettings(tracked, settings), saltOf(tracked) ?? saltOf(previous));
  if (wanted !== previous) await writeFileAtomically(project.configFile, wanted);
  const manifest = `name: ${PROJECT_NAME}\nruntime: nodejs\n`;
  await writeFileAtomically(join(project.stackDir, "Pulumi.yaml"), manifest);
}

/** Replaces the values of top-level config keys in a stack's YAML, or adds them. */
export function withSettings(yaml: string, settings: LocalSettings): string {
  const entries: [string, string][] = [
    [`${PROJECT_NAME}:cloudflareBaseUrl`, settings.cloudflareBaseUrl],
    [`${PROJECT_NAME}:edgeUrl`, settings.edgeUrl],
  ];
  const names = entries.map(([key]) => key).join("|");
  const old = new RegExp(`^\\s+(["']?)(?:${names})\\1\\s*:.*$`);
  const lines = yaml.split("\n").filter((line) => !old.test(line));
  const start = lines.findIndex((line) => /^config:\s*(?:\{\s*\}\s*)?(?:#.*)?$/.test(line));
  const following = lines.slice(start + 1).find((line) => /^\s+[^\s#]/.test(line));
  const indent = start === -1 ? "  " : (/^\s+/.exec(following ?? "")?.[0] ?? "  ");
  const added = entries.map(([key, value]) => `${indent}${key}: ${value}`);
  if (start === -1) return [...trimEnd(lines), "config:", ...added, ""].join("\n");
  return [...lines.slice(0, start), "config:", ...added, ...lines.slice(start + 1)].join("\n");
}

function saltOf(yaml: string | null): string | null {
  return /^encryptionsalt:\s*(\S+)\s*$/m.exec(yaml ?? "")?.[1] ?? null;
}

function withSalt(yaml: string, salt: string | null): string {
  if (salt === null || saltOf(yaml) !== null) return yaml;
  return `${yaml.trimEnd()}\nencryptionsalt: ${salt}\n`;
}

function trimEnd(lines: readonly string[]): string[] {
  const last = lines.findLastIndex((line) => line.trim() !== "");
  return lines.slice(0, last + 1);
}
