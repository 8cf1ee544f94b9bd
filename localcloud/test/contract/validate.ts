import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { ENDPOINTS } from "../../src/api/table.ts";
import { createRouter } from "../../src/http/router.ts";
import type { Contract } from "./contract.ts";
import { contractSchema } from "./schema.ts";
import { UNDOCUMENTED, WITHOUT_SCHEMA } from "./undocumented.ts";

/** Where we differ from the SDK's types on purpose: such a field is not looked at. */
const DECLARED_GAPS: readonly { field: string; is: (value: unknown) => boolean; why: string }[] = [
  {
    field: "comment",
    is: (value) => value === null,
    why: "the API says null, the types say string",
  },
  {
    field: "placement",
    is: (value) => JSON.stringify(value) === "{}",
    why: "the provider crashes without it, and the types want a mode",
  },
];

export interface Validator {
  /**
   * What is wrong with a successful answer, one line a mistake; empty when nothing is, or when Cloudflare
   * does not document the endpoint.
   */
  check: (method: string, path: string, result: unknown) => string[];
}

/** Compares answers with the types of Cloudflare's SDK. */
export function createValidator(): Validator {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(JSON.parse(readFileSync(contractSchema(), "utf8")), "contract");
  const router = createRouter(ENDPOINTS);
  return {
    check(method, path, result) {
      const endpoint = `${method} ${router.match(method, path).endpoint}`;
      if (!isDocumented(endpoint)) return [];
      const validate = validatorOf(ajv, endpoint);
      if (validate(withoutGaps(result))) return [];
      return (validate.errors ?? []).map(
        ({ instancePath, message }) => `${endpoint}: ${instancePath} ${message ?? "is wrong"}`,
      );
    },
  };
}

function isDocumented(endpoint: string): endpoint is keyof Contract {
  return !Object.hasOwn(UNDOCUMENTED, endpoint) && !Object.hasOwn(WITHOUT_SCHEMA, endpoint);
}

function validatorOf(ajv: Ajv, endpoint: keyof Contract): ValidateFunction {
  const pointer = encodeURIComponent(endpoint.replaceAll("~", "~0").replaceAll("/", "~1"));
  const validate = ajv.getSchema(`contract#/definitions/Contract/properties/${pointer}`);
  if (validate === undefined) throw new Error(`contract.ts does not say what ${endpoint} answers.`);
  return validate;
}

function isGap(name: string, field: unknown): boolean {
  return DECLARED_GAPS.some((gap) => gap.field === name && gap.is(field));
}

function withoutGaps(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutGaps);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name, field]) => !isGap(name, field)));
}
