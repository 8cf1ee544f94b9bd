import { change, type Change } from "./change.ts";
import type { ResourceChange } from "./digest.ts";
import { show } from "./flatten.ts";
import { say, type Text } from "./say.ts";

interface AddressKind {
  /** Input that names the address. */
  readonly input: string;
  readonly describe: (value: string) => Text;
}

/** Resources that make the Worker reachable. */
const KINDS: { readonly [kind: string]: AddressKind } = {
  WorkersCustomDomain: { input: "hostname", describe: (host) => say`The custom domain ${host}` },
  WorkersRoute: { input: "pattern", describe: (pattern) => say`The route ${pattern}` },
  WorkersScriptSubdomain: {
    input: "scriptName",
    describe: (script) => say`The address of ${script} on workers.dev`,
  },
  DnsRecord: { input: "name", describe: (name) => say`The DNS record of ${name}` },
};

/** Whether a resource is an address of the Worker, or what one needs. */
export function isAddress({ kind }: ResourceChange): boolean {
  return Object.hasOwn(KINDS, kind);
}

/** Addresses that come, move and go. */
export function addressChanges(resource: ResourceChange): Change[] {
  const kind = Object.hasOwn(KINDS, resource.kind) ? KINDS[resource.kind] : undefined;
  if (kind === undefined) return [];
  const { action, before = {}, after = {} } = resource;
  const [old, fresh] = [show(before[kind.input]), show(after[kind.input])];
  if (action === "create") return [added(kind, fresh), ...readsAreNotCached(resource.kind)];
  if (action === "adopt") {
    return [change("addresses", "info", [...kind.describe(fresh), " is taken over as it is"])];
  }
  if (action === "forget") {
    return [change("addresses", "warning", [...kind.describe(old), " is dropped from the state"])];
  }
  if (action === "delete") return [removed(kind, old)];
  if (old !== fresh) return [removed(kind, old), added(kind, fresh)];
  return [moved(kind, old, resource)];
}

function added(kind: AddressKind, value: string): Change {
  return change("addresses", "info", [...kind.describe(value), " is added"]);
}

function removed(kind: AddressKind, value: string): Change {
  const text = [...kind.describe(value), " is removed: clients that use it lose their count"];
  return change("addresses", "warning", text);
}

/** The same address, in another way: mostly of another script. */
function moved(
  kind: AddressKind,
  value: string,
  { action, before, after }: ResourceChange,
): Change {
  const script = show(after?.["script"] ?? after?.["service"] ?? "");
  const isOther = script !== show(before?.["script"] ?? before?.["service"] ?? "");
  const now: Text = isOther ? say` serves script ${script} from then on` : [" changes"];
  const gap = action === "replace" ? ", and serves nothing for a moment" : "";
  const severity = action === "replace" ? "warning" : "info";
  return change("addresses", severity, [...kind.describe(value), ...now, gap]);
}

/** docs/cost.md, "What can surprise". */
function readsAreNotCached(kind: string): Change[] {
  if (kind !== "WorkersScriptSubdomain") return [];
  const text =
    "Cloudflare does not cache on workers.dev: reads of /count and /badge.svg ask objects more often than on a domain of your own";
  return [change("bill", "info", [text])];
}
