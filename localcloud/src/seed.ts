import { addRecord } from "./api/dns.ts";
import { ApiError, ERRORS } from "./errors.ts";
import { isRecord, messageOf } from "./lib/unknown.ts";
import { type Plan, type State, addZones, timestamp } from "./model/state.ts";

/** What an account has from the start. */
export interface Seed {
  /** Of workers.dev. */
  subdomain?: string;
  /** Of Workers. */
  plan?: Plan;
  zones?: SeedZone[];
}

export interface SeedZone {
  name: string;
  /** As the API takes them: `{"type": "A", "name": "www", "content": "192.0.2.1", "proxied": true}`. */
  dnsRecords?: unknown[];
}

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const HOST_NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const SUBDOMAIN = new RegExp(`^${LABEL}$`);

/**
 * Checks a seed from outside.
 * @throws {TypeError} naming the field
 */
export function parseSeed(value: unknown): Seed {
  const seed = parseObject(value, "seed", ["subdomain", "plan", "zones"]);
  const { subdomain, plan, zones = [] } = seed;
  if (subdomain !== undefined && !matches(subdomain, SUBDOMAIN)) {
    refuse("subdomain", subdomain, "one label of a host name, such as my-team");
  }
  if (plan !== undefined && plan !== "free" && plan !== "paid")
    refuse("plan", plan, "free or paid");
  if (!Array.isArray(zones)) return refuse("zones", zones, "a list");
  return {
    ...(typeof subdomain === "string" ? { subdomain } : {}),
    ...(plan === "free" || plan === "paid" ? { plan } : {}),
    zones: zones.map((zone, index) => parseZone(zone, `zones[${index}]`)),
  };
}

function parseZone(value: unknown, path: string): SeedZone {
  const { name, dnsRecords = [] } = parseObject(value, path, ["name", "dnsRecords"]);
  if (typeof name !== "string" || !HOST_NAME.test(name)) {
    return refuse(`${path}.name`, name, "a host name in lower case, such as example.com");
  }
  if (!Array.isArray(dnsRecords)) return refuse(`${path}.dnsRecords`, dnsRecords, "a list");
  return { name, dnsRecords };
}

function parseObject(
  value: unknown,
  path: string,
  fields: readonly string[],
): Record<string, unknown> {
  if (!isRecord(value)) return refuse(path, value, "an object");
  const unknown = Object.keys(value).find((name) => !fields.includes(name));
  if (unknown === undefined) return value;
  throw new TypeError(`'${unknown}' is no field of ${path}; it has ${fields.join(", ")}.`);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value);
}

function refuse(path: string, value: unknown, expected: string): never {
  throw new TypeError(`${path}: ${JSON.stringify(value)} is not allowed; give ${expected}.`);
}

/**
 * Adds to the state what it lacks of the seed, and sets subdomain and plan; what is there besides stays.
 * @throws {TypeError} for a DNS record that the API would refuse, naming it
 */
export function applySeed(draft: State, seed: Seed): void {
  draft.subdomain = seed.subdomain ?? draft.subdomain;
  draft.plan = seed.plan ?? draft.plan;
  const zones = seed.zones ?? [];
  addZones(
    draft,
    zones.map(({ name }) => name),
    timestamp(),
  );
  for (const [index, { name, dnsRecords = [] }] of zones.entries()) {
    const zone = draft.zones.find((candidate) => candidate.name === name);
    for (const [number, record] of dnsRecords.entries()) {
      if (zone !== undefined)
        seedRecord(draft, zone, record, `zones[${index}].dnsRecords[${number}]`);
    }
  }
}

function seedRecord(
  draft: State,
  zone: State["zones"][number],
  record: unknown,
  path: string,
): void {
  try {
    addRecord(draft, zone, record);
  } catch (error) {
    if (error instanceof ApiError && error.code === ERRORS.IDENTICAL_RECORD.code) return;
    throw new TypeError(`${path}: ${messageOf(error)}`, { cause: error });
  }
}
