import { delimiter, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Engine } from "../engine/resolve.ts";
import type { Project } from "./project.ts";

/** What Pulumi takes from the environment and what would send the local stack elsewhere. */
const PULUMI_VARIABLES: readonly string[] = [
  "PULUMI_ACCESS_TOKEN",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_DEBUG_PROVIDERS",
];

/** How the CLI stores checkpoints, by its two names; ours are read and repaired as plain files. */
const BACKEND_VARIABLES = /^PULUMI_(?:SELF_MANAGED_STATE|DIY_BACKEND)_/;

/** Engine, program and provider talk over these; a proxy does not reach them. */
const LOOPBACK = "localhost,127.0.0.1,::1";

export interface LocalEnvironmentOptions {
  /** The stand-in provider's port; null when the CLI runs the real plugin. */
  providerPort: number | null;
  /** @default the environment of this process */
  base?: NodeJS.ProcessEnv;
}

/**
 * The environment of a CLI that works on stack `local`. Never use it for another stack. The user's
 * Cloudflare credentials stay out; the program brings what the local cloud asks for.
 */
export function localEnvironment(
  project: Project,
  engine: Engine,
  options: LocalEnvironmentOptions,
): NodeJS.ProcessEnv {
  const { providerPort, base = process.env } = options;
  const env = withEngine(engine, base);
  for (const name of Object.keys(env)) {
    const isPulumis = PULUMI_VARIABLES.includes(name) || BACKEND_VARIABLES.test(name);
    if (isPulumis || name.startsWith("CLOUDFLARE_")) delete env[name];
  }
  return {
    ...env,
    PULUMI_BACKEND_URL: backendUrl(project),
    PULUMI_CONFIG_PASSPHRASE: "",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // An update starts the program twice, and the SDK is 760 modules: this saves a second or so.
    NODE_COMPILE_CACHE: env["NODE_COMPILE_CACHE"] ?? nodeCacheDir(project),
    ...(providerPort === null ? {} : { PULUMI_DEBUG_PROVIDERS: `cloudflare:${providerPort}` }),
  };
}

/**
 * The user's environment, with this Node and the engine first on PATH and loopback kept off proxies.
 * For every other stack.
 */
export function withEngine(
  engine: Engine,
  base: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), dirname(engine.command), base["PATH"] ?? ""];
  return { ...base, ...withoutProxy(base), PATH: path.join(delimiter) };
}

/**
 * Go and grpc-js both read `no_proxy`, but grpc-js sends loopback through a proxy unless it says
 * otherwise, and reads nothing else when `no_grpc_proxy` is set (http_proxy.ts of 1.14.3).
 */
function withoutProxy(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { no_proxy: lower, NO_PROXY: upper, no_grpc_proxy: grpc } = base;
  return {
    no_proxy: withLoopback(lower, upper),
    NO_PROXY: withLoopback(upper, lower),
    ...(grpc === undefined || grpc === "" ? {} : { no_grpc_proxy: withLoopback(grpc) }),
  };
}

/** The first list that says something, with loopback added. */
function withLoopback(...lists: (string | undefined)[]): string {
  const given = lists.find((list) => list !== undefined && list !== "");
  return given === undefined ? LOOPBACK : `${given},${LOOPBACK}`;
}

/** Where Node keeps what it compiled, of the program and of the commands. */
export function nodeCacheDir({ stateDir }: Project): string {
  return join(stateDir, "node-cache");
}

export function backendUrl(project: Project): string {
  return pathToFileURL(project.backendDir).href;
}
