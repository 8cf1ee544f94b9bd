import { readTextIfPresent } from "./files.ts";
import { call, field, list } from "./local-api.ts";
import { LOCAL_STACK } from "./project.ts";
import { checkpointFile, runPulumi, type LocalPulumi, type PulumiOptions } from "./pulumi.ts";
import type { Reporter } from "./reporter.ts";

/** A step that an update had begun when its process was killed. */
interface PendingOperation {
  /** "creating", "updating", "deleting", … */
  type: string;
  urn: string;
  resourceType: string;
  inputs: Readonly<Record<string, unknown>>;
}

interface State {
  pending: PendingOperation[];
  /** Ids of what the stack knows. */
  ids: ReadonlySet<string>;
}

export interface HealOptions extends PulumiOptions {
  reporter: Reporter;
}

/**
 * Puts stack and cloud in line again after an update that was killed half-way. What it may have made
 * without noting the id, and what the API would refuse to make twice, is removed; a refresh settles
 * the rest. Other objects are made by requests that can be repeated.
 */
export async function healPendingOperations(
  local: LocalPulumi,
  apiUrl: string,
  options: HealOptions,
): Promise<void> {
  const { reporter, ...pulumiOptions } = options;
  const { pending, ids } = parseState(await readTextIfPresent(checkpointFile(local.project)));
  if (pending.length === 0) return;
  for (const { type, urn } of pending) {
    reporter.line(
      `stack: an update ended while ${type} ${urn.split("::").at(-1)}; putting it right`,
    );
  }
  for (const operation of pending) {
    const listing = operation.type === "creating" ? listingOf(operation) : null;
    if (listing !== null) await removeUnknown(`${apiUrl}${listing.path}`, listing.isIt, ids);
  }
  const args = ["refresh", "--stack", LOCAL_STACK, "--yes", "--skip-preview"];
  const extra = ["--run-program", "--clear-pending-creates"];
  const code = await runPulumi(local, [...args, ...extra], pulumiOptions);
  options.interruption?.signal.throwIfAborted();
  if (code !== 0) reporter.line(`stack: the refresh failed (exit code ${code}); going on`);
}

/** Reads a checkpoint of Pulumi's file backend; one that is not there or not whole has nothing pending. */
export function parseState(checkpoint: string | null): State {
  let root: unknown;
  try {
    root = JSON.parse(checkpoint ?? "null");
  } catch {
    root = null;
  }
  const latest = field(field(root, "checkpoint"), "latest");
  const pending = list(field(latest, "pending_operations")).map((operation) => {
    const resource = field(operation, "resource");
    const inputs = field(resource, "inputs");
    return {
      type: String(field(operation, "type")),
      urn: String(field(resource, "urn")),
      resourceType: String(field(resource, "type")),
      inputs: typeof inputs === "object" && inputs !== null ? { ...inputs } : {},
    };
  });
  const ids = list(field(latest, "resources")).map((resource) => field(resource, "id"));
  return { pending, ids: new Set(ids.filter((id) => typeof id === "string")) };
}

interface Listing {
  path: string;
  isIt: (object: unknown) => boolean;
}

/** A second route with the same pattern, or the same DNS record, is refused. */
function listingOf({ resourceType, inputs }: PendingOperation): Listing | null {
  const { zoneId, pattern, name, type } = inputs;
  if (resourceType === "cloudflare:index/workersRoute:WorkersRoute") {
    return {
      path: `/zones/${String(zoneId)}/workers/routes`,
      isIt: (route) => field(route, "pattern") === pattern,
    };
  }
  if (resourceType === "cloudflare:index/dnsRecord:DnsRecord") {
    return {
      path: `/zones/${String(zoneId)}/dns_records`,
      isIt: (record) => field(record, "name") === name && field(record, "type") === type,
    };
  }
  return null;
}

async function removeUnknown(
  url: string,
  isIt: (object: unknown) => boolean,
  known: ReadonlySet<string>,
): Promise<void> {
  for (const object of list(await call("GET", url))) {
    const id = field(object, "id");
    if (typeof id === "string" && isIt(object) && !known.has(id))
      await call("DELETE", `${url}/${id}`);
  }
}
