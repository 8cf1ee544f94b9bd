import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The stack that runs on this machine; settings of the local cloud never reach another. */
export const LOCAL_STACK = "local";

/** Zones of the account that it runs on: one for a host of any path, one for names below it. */
export const LOCAL_ZONES: readonly string[] = ["localhost", "visitors.localhost"];

export const PROJECT_NAME = "visitor-tracker";

/** This checkout. */
export const CHECKOUT: string = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** Whether `path` is `folder` or in it. Both are absolute. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Where a checkout keeps its parts and its local state. All paths are absolute. */
export interface Project {
  /** Holds Pulumi.yaml. */
  root: string;
  /** The Pulumi program's folder: `main` of Pulumi.yaml. */
  programDir: string;
  /** Everything that the local stack leaves on this machine. */
  stateDir: string;
  /** What the local cloud stores. */
  cloudDir: string;
  /** Pulumi's file backend. */
  backendDir: string;
  /** A project that exists only for `pulumi stack init`, see stack-config.ts. */
  stackDir: string;
  /** The config of stack `local` with this run's ports. */
  configFile: string;
  /** Says which process serves, see running.ts. */
  runningFile: string;
}

/**
 * @param options.root @default this checkout
 * @param options.stateDir relative to the root. @default VISITOR_TRACKER_STATE_DIR, else `.local`
 * @throws Error when the state folder would hold the checkout
 */
export function openProject(options: { root?: string; stateDir?: string } = {}): Project {
  const root = resolve(options.root ?? CHECKOUT);
  const chosen = options.stateDir ?? process.env["VISITOR_TRACKER_STATE_DIR"] ?? "";
  const stateDir = resolve(root, chosen === "" ? ".local" : chosen);
  if (isWithin(stateDir, root)) {
    throw new Error(
      `VISITOR_TRACKER_STATE_DIR: ${stateDir} ${stateDir === root ? "is" : "holds"} the checkout ` +
        `${root}; name a folder that is only for this, such as .local-2.`,
    );
  }
  const stackDir = join(stateDir, "stack");
  return {
    root,
    programDir: join(root, "infra"),
    stateDir,
    cloudDir: join(stateDir, "cloud"),
    backendDir: join(stateDir, "pulumi"),
    stackDir,
    configFile: join(stackDir, `Pulumi.${LOCAL_STACK}.yaml`),
    runningFile: join(stateDir, "running.json"),
  };
}
