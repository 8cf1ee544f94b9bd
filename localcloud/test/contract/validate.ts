import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { ENDPOINTS } from "../../src/api/table.ts";
import { createRouter } from "../../src/http/router.ts";
import { contractSchema } from "./schema.ts";
import { UNDOCUMENTED } from "./undocumented.ts";

/** Where we differ from the SDK's types on purpose. Everything else is a mistake. */
const DECLARED_GAPS: readonly { keyword: string; path: RegExp; why: string }[] = [
  { keyword: "type", path: /\/comment$/, why: "the API says null, the types say string" },
  { keyword: "anyOf", path: /\/placement$/, why: "`{}`: without it the provider crashes" },
];

export interface Validator {
  /**
   * What is wrong with a successful answer, one line a mistake; empty when nothing is, or when Cloudflare
   * does not document the endpoint.
   */
  check(method: string, path: string, result: unknown): string[];
  /** Endpoints that an answer was checked for, as `METHOD /path/:template`. */
  readonly checked: ReadonlySet<string>;
}

/** Compares answers with the types of Cloudflare's SDK. */
export function createValidator(): Validator {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(JSON.parse(readFileSync(contractSchema(), "utf8")), "contract");
  const router = createRouter(ENDPOINTS);
  const checked = new Set<string>();
  return {
    checked,
    check(method, path, result) {
      const endpoint = `${method} ${router.match(method, path).endpoint}`;
      checked.add(endpoint);
      if (Object.hasOwn(UNDOCUMENTED, endpoint)) return [];
      const validate = validatorOf(ajv, endpoint);
      if (validate(result)) return [];
      return mistakes(validate.errors ?? []).map((text) => `${endpoint}: ${text}`);
    },
  };
}

function validatorOf(ajv: Ajv, endpoint: string): ValidateFunction {
  const pointer = encodeURIComponent(endpoint.replaceAll("~", "~0").replaceAll("/", "~1"));
  const validate = ajv.getSchema(`contract#/definitions/Contract/properties/${pointer}`);
  if (validate === undefined) throw new Error(`contract.ts does not say what ${endpoint} answers.`);
  return validate;
}

/** Errors inside a gap (a union reports each of its cases) belong to the gap. */
function mistakes(errors: readonly ErrorObject[]): string[] {
  const gaps = errors.filter((error) =>
    DECLARED_GAPS.some(({ keyword, path }) => error.keyword === keyword && path.test(error.instancePath)),
  );
  const isExplained = (error: ErrorObject): boolean =>
    gaps.some(
      (gap) =>
        error.instancePath.startsWith(gap.instancePath) ||
        // A record's type is one of a union: it fails as a whole when its comment does.
        (error.keyword === "anyOf" && gap.instancePath.startsWith(error.instancePath)),
    );
  return errors
    .filter((error) => !isExplained(error))
    .map((error) => `${error.instancePath} ${error.message ?? error.keyword}`);
}
