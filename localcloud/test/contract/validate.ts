import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import type { ToldAnswer } from "../../src/told-answers.ts";
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
   * What is wrong with an answer, one line a mistake. Of an endpoint that Cloudflare does not document, the
   * envelope alone is looked at.
   */
  check: (answer: ToldAnswer) => string[];
}

/** Compares answers with the types of Cloudflare's SDK. */
export function createValidator(): Validator {
  const options = { strict: false, allErrors: true, validateFormats: false, validateSchema: false };
  const ajv = new Ajv(options);
  // With the reference to the whole, the first answer would have all compiled, in most of a second.
  const { $ref: _, ...schema } = JSON.parse(readFileSync(contractSchema(), "utf8"));
  ajv.addSchema(schema, "contract");
  return {
    check(answer) {
      const name = `${answer.method} ${answer.endpoint ?? "of no endpoint"}`;
      return mistakesOf(ajv, name, answer).map((mistake) => `${name}: ${mistake}`);
    },
  };
}

function mistakesOf(ajv: Ajv, name: string, { status, json }: ToldAnswer): string[] {
  if (json === undefined) {
    return Object.hasOwn(WITHOUT_SCHEMA, name) ? [] : [`status ${status} without JSON`];
  }
  const isSuccess = status === 200;
  const envelope = compare(ajv, isSuccess ? "success" : "failure", json);
  if (!isSuccess || envelope.length > 0 || !isDocumented(name)) return envelope;
  return compare(ajv, name, withoutGaps(Reflect.get(Object(json), "result")));
}

function compare(ajv: Ajv, name: keyof Contract, value: unknown): string[] {
  const validate = validatorOf(ajv, name);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = "is wrong" }) =>
    `${instancePath} ${message}`.trim(),
  );
}

function isDocumented(endpoint: string): endpoint is keyof Contract {
  return !Object.hasOwn(UNDOCUMENTED, endpoint) && !Object.hasOwn(WITHOUT_SCHEMA, endpoint);
}

function validatorOf(ajv: Ajv, name: keyof Contract): ValidateFunction {
  const pointer = encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
  const validate = ajv.getSchema(`contract#/definitions/Contract/properties/${pointer}`);
  if (validate === undefined) throw new Error(`contract.ts does not say what ${name} answers.`);
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
