import { join } from "node:path";
import { findOnPath, checkVersion } from "../../engine/installed.ts";
import { pulumiHome, type Engine } from "../../engine/resolve.ts";
import { pinnedVersion } from "../../engine/version.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";

/** Node that runs the TypeScript sources as they are, by its major version. */
const NODE_MAJOR = 24;

/** @param version such as `24.21.0` */
export function checkNode(version: string = process.versions.node): Finding {
  const major = Number.parseInt(version, 10);
  if (major >= NODE_MAJOR) return ok("Node", version);
  return problem(
    "Node",
    `${version}, and ${NODE_MAJOR} or later is needed`,
    "run npm ci, and start this by npm run doctor: npm then takes the project's own Node",
  );
}

export interface FoundEngine {
  readonly finding: Finding;
  /** Null when there is none that suits. */
  readonly engine: Engine | null;
}

/** Looks for a Pulumi CLI where deployments look, but gets none. */
export async function findEngine(
  options: { path?: string; home?: string; signal?: AbortSignal } = {},
): Promise<FoundEngine> {
  const { path = process.env["PATH"] ?? "", home = pulumiHome(), signal } = options;
  const pinned = pinnedVersion();
  const cancel = signal === undefined ? {} : { signal };
  const onPath = await findOnPath(pinned, { path, ...cancel });
  if (!("reason" in onPath)) return found({ ...onPath, origin: "PATH" });
  const kept = join(home, "versions", pinned, "bin/pulumi");
  const installed = await checkVersion(kept, pinned, cancel);
  if (!("reason" in installed)) return found({ ...installed, origin: "installed" });
  return {
    finding: warning(
      "Pulumi engine",
      `none yet (on PATH: ${onPath.reason})`,
      "the first npm run pulumi, npm run local or npm run deploy gets one; to do it now: npm run pulumi -- version",
    ),
    engine: null,
  };
}

function found(engine: Engine): FoundEngine {
  return { finding: ok("Pulumi engine", `${engine.version}, ${engine.command}`), engine };
}
