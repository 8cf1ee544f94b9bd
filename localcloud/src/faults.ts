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
  /** More headers for the answer with `status`, such as `retry-after`. */
  headers?: Record<string, string>;
  /** Closes the connection without an answer. */
  drop?: boolean;
  /** Sends half of the answer, then closes the connection. Implies `after`. */
  truncate?: boolean;
  /** Does what the request asks first, then fails: applied, but the answer is lost. */
  after?: boolean;
}

/** A rule and how much of it is left. */
export interface ActiveFault extends FaultRule {
  skip: number;
  times: number;
}

export interface Faults {
  /** @throws {TypeError} when a rule is not one, naming the field */
  add(...rules: FaultRule[]): void;
  clear(): void;
  /** Rules with something left to do, oldest first. */
  list(): readonly ActiveFault[];
}

/** What the router asks: the rule that acts on this request, which uses it up once. */
export interface FaultSource extends Faults {
  /** Adds a rule, or each of a list; none when one is wrong. @throws {TypeError} */
  addUntrusted(value: unknown): void;
  take(method: string, path: string): FaultRule | null;
}

export function createFaults(): FaultSource {
  let active: ActiveFault[] = [];
  return {
    add(...rules) {
      active.push(...rules.map(parseFaultRule));
    },
    addUntrusted(value) {
      const rules: unknown[] = Array.isArray(value) ? value : [value];
      active.push(...rules.map(parseFaultRule));
    },
    clear() {
      active = [];
    },
    list: () => active.map((fault) => ({ ...fault })),
    take(method, path) {
      for (const fault of active) {
        if (!matches(fault, method, path)) continue;
        if (fault.skip-- > 0) continue;
        fault.skip = 0;
        if (--fault.times === 0) active = active.filter((other) => other !== fault);
        return { ...fault };
      }
      return null;
    },
  };
}

function matches(fault: ActiveFault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  return fault.path === undefined || new RegExp(fault.path).test(path);
}

const FIELDS: Record<keyof FaultRule, (value: unknown) => boolean> = {
  method: (value) => typeof value === "string" && /^[A-Z]+$/.test(value),
  path: isPattern,
  skip: (value) => isWithin(value, 0, 1e9),
  times: (value) => isWithin(value, 1, 1e9),
  delayMs: (value) => isWithin(value, 0, 600_000),
  status: (value) => isWithin(value, 200, 599),
  code: (value) => isWithin(value, 0, 1e9),
  message: (value) => typeof value === "string",
  html: (value) => typeof value === "string",
  headers: (value) =>
    isRecord(value) && Object.values(value).every((entry) => typeof entry === "string"),
  drop: (value) => typeof value === "boolean",
  truncate: (value) => typeof value === "boolean",
  after: (value) => typeof value === "boolean",
};

/**
 * Checks a rule from outside and fills in `skip` and `times`.
 * @throws {TypeError} naming the field that is unknown or has a wrong value
 */
export function parseFaultRule(value: unknown): ActiveFault {
  if (!isRecord(value)) throw new TypeError("A fault must be an object.");
  for (const [name, field] of Object.entries(value)) {
    if (!isFieldName(name)) {
      throw new TypeError(
        `'${name}' is no field of a fault; it has ${Object.keys(FIELDS).join(", ")}.`,
      );
    }
    if (!FIELDS[name](field))
      throw new TypeError(`fault.${name}: ${JSON.stringify(field)} is not allowed.`);
  }
  const rule: FaultRule = value;
  checkHeaders(rule.headers ?? {});
  return { ...rule, skip: rule.skip ?? 0, times: rule.times ?? 1 };
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

function isFieldName(name: string): name is keyof FaultRule {
  return Object.hasOwn(FIELDS, name);
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
}

function isPattern(value: unknown): boolean {
  if (typeof value !== "string") return false;
  try {
    return new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}
