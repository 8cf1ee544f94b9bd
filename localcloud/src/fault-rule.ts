import { validateHeaderName, validateHeaderValue } from "node:http";
import { isRecord, messageOf } from "./lib/unknown.ts";

/** A failure to inject. It acts on requests that match, `skip` of them passed over, `times` times. */
export interface FaultRule {
  /** Default: any. */
  method?: string;
  /** Regular expression, searched in the path below `/client/v4`. Default: any. */
  path?: string;
  /** Matching requests to let through first. Default: 0. */
  skip?: number;
  /** How often it acts. Default: 1. */
  times?: number;
  /** Waits before anything else, in milliseconds. Default: 0. */
  delayMs?: number;
  /** Answers with this status instead. */
  status?: number;
  /** Error code that goes with `status`. Default: 10013. */
  code?: number;
  /** Error text that goes with `status`. */
  message?: string;
  /** Sends this text as HTML with `status`, as a proxy in front of the API would. */
  html?: string;
  /** More headers for the answer with `status`. */
  headers?: Record<string, string>;
  /** Seconds, sent as `retry-after` with `status`. */
  retryAfter?: number;
  /** Closes the connection without an answer. */
  drop?: boolean;
  /** Sends half of the answer, then closes the connection. Implies `after`. */
  truncate?: boolean;
  /** Does what the request asks first, then fails: applied, but the answer is lost. */
  after?: boolean;
}

interface Field {
  accepts: (value: unknown) => boolean;
  expected: string;
}

const TEXT: Field = { accepts: (value) => typeof value === "string", expected: "a text" };
const FLAG: Field = { accepts: (value) => typeof value === "boolean", expected: "true or false" };

function wholeNumber(min: number, max: number): Field {
  return {
    accepts: (value) =>
      typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max,
    expected: `a whole number from ${min} to ${max}`,
  };
}

const FIELDS: Record<keyof FaultRule, Field> = {
  method: {
    accepts: (value) => typeof value === "string" && /^[A-Z]+$/.test(value),
    expected: "a method in capitals, such as PUT",
  },
  path: { accepts: isPattern, expected: "a regular expression, such as /scripts/[^/]+$" },
  skip: wholeNumber(0, 1e9),
  times: wholeNumber(1, 1e9),
  delayMs: wholeNumber(0, 600_000),
  status: wholeNumber(200, 599),
  code: wholeNumber(0, 1e9),
  message: TEXT,
  html: TEXT,
  headers: {
    accepts: (value) =>
      isRecord(value) && Object.values(value).every((entry) => typeof entry === "string"),
    expected: "an object of texts",
  },
  retryAfter: wholeNumber(0, 86_400),
  drop: FLAG,
  truncate: FLAG,
  after: FLAG,
};

/** What says how an answer looks, and so needs `status`. */
const ANSWER_FIELDS = ["code", "message", "html", "headers", "retryAfter"] as const;

/**
 * Checks a rule from outside.
 * @throws {TypeError} naming the field that is unknown, has a wrong value, or says nothing without another
 */
export function parseFaultRule(value: unknown): FaultRule {
  if (!isRecord(value)) throw new TypeError("A fault must be an object.");
  for (const [name, field] of Object.entries(value)) {
    if (!isFieldName(name)) {
      throw new TypeError(
        `'${name}' is no field of a fault; it has ${Object.keys(FIELDS).join(", ")}.`,
      );
    }
    const { accepts, expected } = FIELDS[name];
    if (!accepts(field)) {
      throw new TypeError(
        `fault.${name}: ${JSON.stringify(field)} is not allowed; give ${expected}.`,
      );
    }
  }
  const rule: FaultRule = value;
  checkHeaders(rule.headers ?? {});
  checkSense(rule);
  return { ...rule };
}

/** What Node would refuse while the answer is sent. */
function checkHeaders(headers: Record<string, string>): void {
  for (const [name, text] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    } catch (error) {
      throw new TypeError(`fault.headers: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** A rule that cannot do what it says would let a test pass that tests nothing. */
function checkSense(rule: FaultRule): void {
  const { status, drop = false, truncate = false, after = false, delayMs = 0 } = rule;
  const lonely = ANSWER_FIELDS.find((name) => rule[name] !== undefined);
  if (status === undefined && lonely !== undefined) {
    throw new TypeError(`fault.${lonely}: it belongs to an answer; give fault.status, too.`);
  }
  if (drop && (status !== undefined || truncate)) {
    const other = status === undefined ? "truncate" : "status";
    throw new TypeError(`fault.drop: nothing is answered, so leave fault.${other} out.`);
  }
  if (status !== undefined || drop || truncate) return;
  if (after) throw new TypeError("fault.after: say how it fails then: drop, truncate or status.");
  if (delayMs > 0) return;
  throw new TypeError("A fault must do something: give delayMs, status, drop or truncate.");
}

function isFieldName(name: string): name is keyof FaultRule {
  return Object.hasOwn(FIELDS, name);
}

function isPattern(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}
