import { ERRORS, fail } from "../errors.ts";
import { isRecord } from "../lib/unknown.ts";

/** What a client of a tail wants to see, in the words of `wrangler tail`; all of them must hold. */
export type TailFilter =
  | { kind: "samplingRate"; rate: number }
  | { kind: "outcome"; outcomes: string[] }
  | { kind: "method"; methods: string[] }
  | { kind: "header"; name: string; query: string }
  | { kind: "clientIp"; addresses: string[] }
  | { kind: "query"; query: string }
  | { kind: "version"; id: string };

/** A trace as a tail sends it. */
export type TailEvent = Record<string, unknown>;

/**
 * The filters of a request's body.
 * @throws {ApiError} 10059 for one that is not known
 */
export function parseFilters(body: unknown): TailFilter[] {
  const filters = isRecord(body) ? (body["filters"] ?? []) : [];
  if (!Array.isArray(filters)) return invalid("filters must be a list.");
  return filters.map(parseFilter);
}

function parseFilter(filter: unknown): TailFilter {
  if (!isRecord(filter)) return invalid(`${JSON.stringify(filter)} is not a filter.`);
  const { sampling_rate: rate, outcome, method, header, client_ip, query, scriptVersion } = filter;
  if (typeof rate === "number") return { kind: "samplingRate", rate };
  if (isTexts(outcome)) return { kind: "outcome", outcomes: outcome };
  if (isTexts(method)) {
    return { kind: "method", methods: method.map((name) => name.toUpperCase()) };
  }
  if (isRecord(header) && typeof header["key"] === "string") {
    const value = header["query"];
    return {
      kind: "header",
      name: header["key"].toLowerCase(),
      query: typeof value === "string" ? value : "",
    };
  }
  if (isTexts(client_ip)) return { kind: "clientIp", addresses: client_ip };
  if (typeof query === "string") return { kind: "query", query };
  if (typeof scriptVersion === "string") return { kind: "version", id: scriptVersion };
  return invalid(
    `${JSON.stringify(filter)} is not a filter; there are sampling_rate, outcome, method, header, client_ip, query and scriptVersion.`,
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function invalid(reason: string): never {
  return fail(ERRORS.INVALID_TAIL_FILTER, { reason });
}

/** What a filter is asked besides the event. */
interface Circumstances {
  /** Who made the tail: the address that `self` means. */
  clientIp: string;
  /** From 0 to 1. */
  random: () => number;
}

/** True when the event is to be sent. */
export function isWanted(
  filters: readonly TailFilter[],
  event: TailEvent,
  circumstances: Circumstances,
): boolean {
  return filters.every((filter) => holds(filter, event, circumstances));
}

function holds(filter: TailFilter, event: TailEvent, { clientIp, random }: Circumstances): boolean {
  if (filter.kind === "samplingRate") return random() < filter.rate;
  if (filter.kind === "outcome") return filter.outcomes.includes(String(event["outcome"]));
  if (filter.kind === "method") return filter.methods.includes(String(requestOf(event)["method"]));
  if (filter.kind === "header") {
    return headerOf(event, filter.name)?.includes(filter.query) ?? false;
  }
  if (filter.kind === "query") {
    return loggedTexts(event).some((text) => text.includes(filter.query));
  }
  if (filter.kind === "version") {
    const version = event["scriptVersion"];
    return isRecord(version) && version["id"] === filter.id;
  }
  const address = headerOf(event, "cf-connecting-ip");
  const wanted = filter.addresses.map((entry) => (entry === "self" ? clientIp : entry));
  return address !== null && wanted.includes(address);
}

function requestOf(event: TailEvent): Record<string, unknown> {
  const inner = event["event"];
  const request = isRecord(inner) ? inner["request"] : undefined;
  return isRecord(request) ? request : {};
}

function headerOf(event: TailEvent, name: string): string | null {
  const headers = requestOf(event)["headers"];
  const value = isRecord(headers) ? headers[name] : undefined;
  return typeof value === "string" ? value : null;
}

function loggedTexts(event: TailEvent): string[] {
  const logs = Array.isArray(event["logs"]) ? event["logs"].filter(isRecord) : [];
  const values: unknown[] = logs.flatMap((log) => log["message"]);
  return values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
}
