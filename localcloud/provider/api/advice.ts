/** What is known of a request that failed. */
export interface Failure {
  readonly method: string;
  /** 0 without an answer. */
  readonly httpStatus: number;
  /** Cloudflare's codes. */
  readonly codes: readonly number[];
  /** True when an earlier try of the request may have been carried out. */
  readonly uncertain: boolean;
}

const BY_CODE: Readonly<Record<number, string>> = {
  7003: "compare the account, zone and resource ids in the path with those that the API lists.",
  10000:
    "check the API token (apiToken, or CLOUDFLARE_API_TOKEN) and that it may do this in this account and zone.",
  10007:
    "the script is not there; `pulumi refresh` makes the state say so, and `pulumi up` uploads it again.",
  10020:
    "another route of the zone has this pattern: delete it, or take it over with `pulumi import cloudflare:index/workersRoute:WorkersRoute NAME ZONE_ID/ROUTE_ID`.",
  10021:
    "the uploaded script does not start; fix the code at the place named. What was deployed before keeps serving.",
  10061:
    "a binding and the migrations disagree about a Durable Object class: a new class needs a step with newSqliteClasses in the same upload, and a deleted one must lose its binding.",
  10064:
    "the script no longer exports a class that has Durable Objects: export it again, or add a migration step with renamedClasses, or deletedClasses (which deletes its data).",
  10079:
    "migrations.oldTag must be the tag that is deployed now: compute it from getWorkersScripts instead of stating it. If somebody deployed meanwhile, run the same command again.",
  81053:
    "the host has an address record that is not the state's: delete it, or take it over with `pulumi import cloudflare:index/dnsRecord:DnsRecord NAME ZONE_ID/RECORD_ID`.",
  81058:
    "the record is there, and not in the state: delete it, or take it over with `pulumi import cloudflare:index/dnsRecord:DnsRecord NAME ZONE_ID/RECORD_ID`.",
  100116:
    "another Worker has the hostname: detach it there (Settings, Domains & Routes), or choose another one.",
  100117: "delete the DNS records of the hostname, or choose another one.",
};

/** Refusals that a first try which was carried out brings upon the next one. */
const OF_REPETITION: ReadonlySet<number> = new Set([10020, 10079, 81053, 81058]);

/** What a person can do about a failure, one a line. */
export function adviceFor(failure: Failure): readonly string[] {
  const { method, httpStatus, codes, uncertain } = failure;
  if (method === "DELETE" && httpStatus === 404) {
    const why = uncertain ? ", by an earlier try whose answer was lost" : "";
    return [`it is gone already${why}: run the same command with --refresh.`];
  }
  if (uncertain && codes.some((code) => OF_REPETITION.has(code))) {
    return [
      "an earlier try of this request was carried out although its answer was lost: run the same command again.",
    ];
  }
  const known = codes.map((code) => BY_CODE[code]).filter((text) => text !== undefined);
  if (known.length > 0) return [...new Set(known)];
  // A success that cannot be read is one all the same.
  const isOpen = httpStatus < 300 || httpStatus >= 500;
  return isOpen ? [unknownOutcome(method)] : [];
}

function unknownOutcome(method: string): string {
  const again = "run the same command again";
  if (method === "GET") return `nothing was changed by this request: ${again}.`;
  const next = method === "DELETE" ? `${again}, with --refresh` : again;
  return `it may have been carried out all the same: ${next}.`;
}
