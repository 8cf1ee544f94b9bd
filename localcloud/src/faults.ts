import { type FaultRule, parseFaultRule } from "./fault-rule.ts";

/** A rule and how much of it is left. */
export interface ActiveFault extends FaultRule {
  /** Counts from 1 in each run. */
  id: number;
  skip: number;
  times: number;
}

export interface Faults {
  /** @throws {TypeError} when a rule is not one, naming the field; none is added then */
  add(...rules: FaultRule[]): void;
  /** Removes the rule with this id; false when there is none. */
  remove(id: number): boolean;
  /** Removes all rules, and has reads see every write at once again. */
  clear(): void;
  /** Rules with something left to do, oldest first. */
  list(): readonly ActiveFault[];
  /**
   * For how long after a write reads (GET) are answered as if it had not been made, in milliseconds.
   * Workers serve at once all the same.
   * @default 0
   */
  readonly eventualConsistencyMs: number;
  /** @throws {TypeError} unless it is 0 to 600,000 */
  setEventualConsistencyMs(value: number): void;
}

/** What the router asks: the rule that acts on this request, which uses it up once. */
export interface FaultSource extends Faults {
  /** Adds a rule, or each of a list; none when one is wrong. @throws {TypeError} */
  addUntrusted(value: unknown): void;
  take(method: string, path: string): FaultRule | null;
}

const MAX_CONSISTENCY_MS = 600_000;

export function createFaults(): FaultSource {
  let active: ActiveFault[] = [];
  let lastId = 0;
  let consistencyMs = 0;
  const addUntrusted = (value: unknown): void => {
    const rules: unknown[] = Array.isArray(value) ? value : [value];
    const parsed = rules.map(parseFaultRule);
    active.push(...parsed.map((rule) => ({ id: ++lastId, skip: 0, times: 1, ...rule })));
  };
  return {
    add: (...rules) => addUntrusted(rules),
    addUntrusted,
    remove(id) {
      const before = active.length;
      active = active.filter((fault) => fault.id !== id);
      return active.length < before;
    },
    clear() {
      active = [];
      consistencyMs = 0;
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
    get eventualConsistencyMs() {
      return consistencyMs;
    },
    setEventualConsistencyMs(value) {
      consistencyMs = parseConsistencyMs(value);
    },
  };
}

/**
 * Checks a value for `eventualConsistencyMs`.
 * @throws {TypeError}
 */
export function parseConsistencyMs(value: unknown): number {
  if (Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= MAX_CONSISTENCY_MS)
    return Number(value);
  throw new TypeError(
    `eventualConsistencyMs: ${JSON.stringify(value)} is not allowed; give a whole number from 0 to ${MAX_CONSISTENCY_MS}.`,
  );
}

function matches(fault: ActiveFault, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method !== method) return false;
  return fault.path === undefined || new RegExp(fault.path).test(path);
}
