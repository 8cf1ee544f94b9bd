import { isRecord } from "./is-record.ts";

/** What a stack's state has of the things that can be in somebody's way, besides the script. */
export interface Owned {
  /** Patterns. */
  readonly routes: readonly string[];
  /** Hosts of custom domains. */
  readonly customDomains: readonly string[];
  /** Hosts of DNS records. */
  readonly records: readonly string[];
}

/** @param state what the engine answers about the resources of a stack */
export function parseOwned(state: unknown): Owned {
  const outputs = isRecord(state) && isRecord(state["outputs"]) ? state["outputs"] : {};
  const resources = Object.values(outputs).filter(isRecord);
  const named = (type: string, property: string): string[] =>
    resources
      .filter((resource) => String(resource["type"]).endsWith(`:${type}`))
      .map((resource) => (isRecord(resource["outputs"]) ? resource["outputs"][property] : null))
      .filter((name) => typeof name === "string");
  return {
    routes: named("WorkersRoute", "pattern"),
    customDomains: named("WorkersCustomDomain", "hostname"),
    records: named("DnsRecord", "name"),
  };
}
