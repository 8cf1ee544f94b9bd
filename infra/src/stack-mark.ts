import { isRecord } from "./is-record.ts";

/** Name of the binding by which an uploaded script tells which stack it belongs to. */
export const MARK_BINDING = "DEPLOYED_BY";

/** A stack, without the organization: that changes when the state moves to another backend. */
export interface StackMark {
  readonly project: string;
  readonly stack: string;
}

/** The stack that uploaded a script; undefined when another tool, or an older version of this code, did. */
export function parseMark(settings: unknown): StackMark | undefined {
  const bindings = isRecord(settings) ? settings["bindings"] : undefined;
  const list = Array.isArray(bindings) ? bindings.filter(isRecord) : [];
  const mark = list.find(({ name }) => name === MARK_BINDING);
  const value = mark?.["json"];
  if (!isRecord(value)) return undefined;
  const { project, stack } = value;
  if (typeof project !== "string" || typeof stack !== "string") return undefined;
  return { project, stack };
}

export function isSameStack(a: StackMark, b: StackMark): boolean {
  return a.project === b.project && a.stack === b.stack;
}
