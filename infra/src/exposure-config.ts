import type { ConfigReader } from "./config-reader.ts";

/** Where visitors reach the Worker: at least one of custom domain, route and workers.dev. */
export interface Exposure {
  readonly customDomain?: string;
  readonly route?: Route;
  /** Name or ID of the zone that `route` and `customDomain` are in; always set with a route. */
  readonly zone?: string;
  readonly workersDev: boolean;
}

export interface Route {
  /** Host, path and a final `/*`. */
  readonly pattern: string;
  /** May begin with `*.`. */
  readonly host: string;
  /** Path before `/*`, e.g. `/live`; empty for none. */
  readonly basePath: string;
  /** Whether the proxied DNS record that a route needs is made too. */
  readonly manageDns: boolean;
}

const ZONE_ID = /^[\da-f]{32}$/;
const LABEL = String.raw`[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?`;
const HOST = new RegExp(String.raw`^(?=.{1,253}$)${LABEL}(?:\.${LABEL})*$`);
const BASE_PATH = /^(?:\/[\w.~-]+)*$/;

/** Whether the zone is given by its ID, not its name. */
export function isZoneId(zone: string): boolean {
  return ZONE_ID.test(zone);
}

/** Reads the keys that say where the Worker is served, and reports what contradicts itself. */
export function readExposure(reader: ConfigReader): Exposure {
  const customDomain = readCustomDomain(reader);
  const route = readRoute(reader);
  const zone = readZone(reader);
  const workersDev = reader.boolean("workersDev", false);
  reportContradictions(reader, customDomain, route, zone);
  const isOff = !reader.has("workersDev") || reader.text("workersDev") === "false";
  if (isOff && !reader.has("customDomain") && !reader.has("route")) {
    reader.report(
      "workersDev",
      "the Worker would have no address; set at least one of customDomain, route (with zone) and workersDev",
      reader.set("workersDev", "true"),
    );
  }
  return {
    ...(customDomain === undefined ? {} : { customDomain }),
    ...(route === undefined ? {} : { route }),
    ...(zone === undefined ? {} : { zone }),
    workersDev,
  };
}

function readCustomDomain(reader: ConfigReader): string | undefined {
  const value = reader.text("customDomain");
  if (value === undefined) return undefined;
  const host = bareHost(value);
  if (host === value) return value;
  reader.report(
    "customDomain",
    `'${value}' is not a host name (lower case, without scheme, port, path and wildcard)`,
    reader.set("customDomain", host ?? "count.example.com"),
  );
  return undefined;
}

function readRoute(reader: ConfigReader): Route | undefined {
  const manageDns = reader.boolean("manageDns", false);
  const pattern = reader.text("route");
  if (pattern === undefined) {
    if (reader.has("manageDns")) {
      reader.report(
        "manageDns",
        "makes the DNS record of a route, and there is no route",
        reader.remove("manageDns"),
      );
    }
    return undefined;
  }
  const parsed = parseRoute(pattern);
  if (typeof parsed !== "string") return { ...parsed, pattern, manageDns };
  reader.report("route", parsed, reader.set("route", suggestRoute(pattern)));
  return undefined;
}

/** Host and base path of a route's pattern, or what is wrong with it. */
function parseRoute(pattern: string): { host: string; basePath: string } | string {
  if (/^[a-z]+:\/\//i.test(pattern)) return `'${pattern}' has a scheme; a route has none`;
  if (!pattern.endsWith("/*")) return `'${pattern}' does not end with /*`;
  const [, host = "", basePath = ""] = /^([^/]*)(.*)\/\*$/.exec(pattern) ?? [];
  if (!HOST.test(host.replace(/^\*\./, ""))) {
    return `'${pattern}' has no valid host (lower case, without port; a wildcard only as *. in front)`;
  }
  if (!BASE_PATH.test(basePath)) {
    return `'${pattern}' has a path that cannot be served (letters, digits, . _ ~ and - between slashes, and no * but the last)`;
  }
  return { host, basePath };
}

function suggestRoute(pattern: string): string {
  const [host = "", ...path] = pattern.replace(/^[a-z]+:\/\//i, "").split("/");
  const wildcard = host.startsWith("*.") ? "*." : "";
  const name = bareHost(host.slice(wildcard.length));
  if (name === undefined) return "blog.example.com/live/*";
  const segments = path.filter((segment) => /^[\w.~-]+$/.test(segment));
  return [`${wildcard}${name}`, ...segments, "*"].join("/");
}

function readZone(reader: ConfigReader): string | undefined {
  const value = reader.text("zone");
  if (value === undefined) return undefined;
  if (!reader.has("route") && !reader.has("customDomain")) {
    reader.report(
      "zone",
      `'${value}' has no use without a route or a customDomain`,
      reader.set("route", isZoneId(value) ? "blog.example.com/live/*" : `${value}/live/*`),
    );
  }
  if (isZoneId(value) || HOST.test(value)) return value;
  reader.report(
    "zone",
    `'${value}' is neither a zone's name nor its ID (32 hexadecimal digits)`,
    reader.set("zone", bareHost(value) ?? "example.com"),
  );
  return undefined;
}

function reportContradictions(
  reader: ConfigReader,
  customDomain: string | undefined,
  route: Route | undefined,
  zone: string | undefined,
): void {
  if (customDomain !== undefined && customDomain === route?.host) {
    reader.report(
      "route",
      `'${route.pattern}' is on '${customDomain}', which customDomain serves as a whole; keep one of them`,
      reader.remove("route"),
    );
  }
  if (route !== undefined && !reader.has("zone")) {
    reader.report(
      "zone",
      `is not set, and the route '${route.pattern}' needs it: the domain at Cloudflare that its host belongs to`,
      reader.set("zone", route.host.split(".").slice(-2).join(".")),
    );
  }
  if (zone === undefined || isZoneId(zone)) return;
  if (route !== undefined && !isWithin(route.host, zone)) {
    reader.report(
      "route",
      `'${route.pattern}' is not in the zone '${zone}'`,
      reader.set("route", `live.${zone}/*`),
    );
  }
  if (customDomain !== undefined && !isWithin(customDomain, zone)) {
    reader.report(
      "customDomain",
      `'${customDomain}' is not in the zone '${zone}'`,
      reader.set("customDomain", `count.${zone}`),
    );
  }
}

function isWithin(host: string, zone: string): boolean {
  return host === zone || host.endsWith(`.${zone}`);
}

/** The host name that `text` means, undefined when there is none. */
function bareHost(text: string): string | undefined {
  const [host = ""] = text
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/^\*\./, "")
    .split(/[/:?#]/);
  return HOST.test(host) ? host : undefined;
}
