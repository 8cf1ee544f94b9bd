import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { startProvider } from "../../localcloud/provider/index.ts";
import { pulumiHome, type Engine } from "../engine/resolve.ts";
import { runGracefully } from "./child.ts";
import { withEngine } from "./environment.ts";
import { isExecutableFile } from "./files.ts";
import type { Interruption } from "./interruption.ts";
import type { Project } from "./project.ts";
import { whyUnreachable } from "./reachable.ts";
import type { Reporter } from "./reporter.ts";

/** Where the CLI looks for the plugin's release, in its order. */
const PLUGIN_SITES = ["https://github.com/", "https://get.pulumi.com/"] as const;

/** The Cloudflare provider that stack `local` uses. */
export interface LocalProvider {
  /** Null for the real plugin, which the CLI starts itself. */
  port: number | null;
  /** For people. */
  description: string;
  close(): Promise<void>;
}

export interface ProviderOptions {
  reporter: Reporter;
  interruption: Interruption;
}

/**
 * The real plugin when it is installed or can be downloaded; else the stand-in, in this process, for
 * the CLI to attach to. The stand-in is never installed: another stack could then use it.
 */
export async function openProvider(
  project: Project,
  engine: Engine,
  options: ProviderOptions,
): Promise<LocalProvider> {
  const version = await sdkVersion(project);
  const isThere = isPluginInstalled(version) || (await download(version, project, engine, options));
  options.interruption.signal.throwIfAborted();
  if (isThere) {
    return { port: null, description: `cloudflare plugin v${version}`, close: async () => {} };
  }
  // An empty environment: the user's token is nothing for the local cloud.
  const provider = await startProvider({ programDir: project.programDir, env: {} });
  return {
    port: provider.port,
    description: "stand-in (local stack only)",
    close: () => provider.close(),
  };
}

/** Whether that worked. Not a word when there is no network: the stand-in serves as well. */
async function download(
  version: string,
  project: Project,
  engine: Engine,
  options: ProviderOptions,
): Promise<boolean> {
  const { reporter, interruption } = options;
  const { signal } = interruption;
  const answers = await Promise.all(PLUGIN_SITES.map((site) => whyUnreachable(site, { signal })));
  if (!answers.includes(null)) return false;
  reporter.line(`provider: downloading the cloudflare plugin v${version}`);
  const args = ["plugin", "install", "resource", "cloudflare", `v${version}`];
  const code = await runGracefully(engine.command, args, {
    cwd: project.root,
    env: { ...withEngine(engine), PULUMI_SKIP_UPDATE_CHECK: "true" },
    stdio: ["ignore", 2, 2],
    interruption,
  });
  if (code === 0 && isPluginInstalled(version)) return true;
  reporter.line(
    `provider: the download of the cloudflare plugin failed (exit code ${code}); the stand-in serves`,
  );
  return false;
}

/** The CLI marks an installation that it has not finished with a file `….partial`. */
function isPluginInstalled(version: string): boolean {
  const folder = join(pulumiHome(), "plugins", `resource-cloudflare-v${version}`);
  if (existsSync(`${folder}.partial`)) return false;
  return isExecutableFile(join(folder, "pulumi-resource-cloudflare"));
}

/** The plugin's version is that of the SDK package which the program imports. */
async function sdkVersion(project: Project): Promise<string> {
  const require = createRequire(join(project.programDir, "package.json"));
  const path = require.resolve("@pulumi/cloudflare/package.json");
  const manifest: unknown = JSON.parse(await readFile(path, "utf8"));
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) {
    return String(manifest.version).replace(/^v/, "");
  }
  throw new Error(`${path} names no version; run npm ci.`);
}
