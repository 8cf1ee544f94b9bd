import { status } from "@grpc/grpc-js";
import { ProviderError } from "../errors.ts";
import { isObject } from "../values.ts";

/** One entry of `errors` in an answer of the API. */
export interface ApiErrorEntry {
  readonly code: number;
  readonly message: string;
}

/** A request that the API (or something in front of it) answered with an error. */
export class ApiError extends ProviderError {
  override readonly name: string = "ApiError";
  readonly httpStatus: number;
  readonly entries: readonly ApiErrorEntry[];

  constructor(
    request: { method: string; path: string },
    answer: { httpStatus: number; statusText: string; entries: readonly ApiErrorEntry[] },
    options: { uncertain?: boolean; detail?: string } = {},
  ) {
    const { httpStatus, statusText, entries } = answer;
    const lines = [
      `${request.method} ${request.path}: HTTP ${httpStatus} ${statusText}`.trimEnd(),
      ...entries.map(({ code, message }) => `  Cloudflare error ${code}: ${message}`),
      ...(options.detail === undefined ? [] : [`  ${options.detail}`]),
      ...adviceFor(request.method, httpStatus, entries).map((advice) => `  What to do: ${advice}`),
    ];
    const uncertain = options.uncertain === true || httpStatus >= 500;
    super(lines.join("\n"), uncertain ? status.UNKNOWN : statusFor(httpStatus));
    this.httpStatus = httpStatus;
    this.entries = entries;
  }
}

const ADVICE: Readonly<Record<number, string>> = {
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
    "migrations.oldTag must be the tag that is deployed now: compute it from getWorkersScripts instead of stating it. If an earlier upload was applied although its answer was lost, `pulumi up` again is enough.",
};

function adviceFor(
  method: string,
  httpStatus: number,
  entries: readonly ApiErrorEntry[],
): readonly string[] {
  if (method === "DELETE" && httpStatus === 404) {
    return ["it is gone already; `pulumi refresh` makes the state say so."];
  }
  const known = entries.map(({ code }) => ADVICE[code]).filter((text) => text !== undefined);
  return [...new Set(known)];
}

function statusFor(httpStatus: number): status {
  const table: Readonly<Record<number, status>> = {
    400: status.INVALID_ARGUMENT,
    401: status.UNAUTHENTICATED,
    403: status.PERMISSION_DENIED,
    404: status.NOT_FOUND,
    409: status.ALREADY_EXISTS,
    429: status.RESOURCE_EXHAUSTED,
  };
  return table[httpStatus] ?? status.FAILED_PRECONDITION;
}

/** The `errors` of an answer, as far as it has that shape. */
export function errorEntries(body: unknown): ApiErrorEntry[] {
  const errors = isObject(body) && Array.isArray(body["errors"]) ? body["errors"] : [];
  const entries: ApiErrorEntry[] = [];
  for (const entry of errors) {
    if (!isObject(entry)) continue;
    const { code, message } = entry;
    if (typeof code === "number" && typeof message === "string") entries.push({ code, message });
  }
  return entries;
}
