import { isRecord } from "./is-record.ts";

/** Name of the binding by which an uploaded script tells which stack it belongs to. */
export const MARK_BINDING = "DEPLOYED_BY";

/** A stack, without the organization: that changes when the state moves to another backend. */
export interface StackMark {
  readonly project: string;
  readonly stack: string;
}

/** What an upload leaves on the script. */
export interface UploadMark extends StackMark {
  /** Fingerprint of what it was made of; an older version of this code left none. */
  readonly inputs?: string;
  /** The deployment, made by other means, that this or an earlier upload took out of force. */
  readonly replaces?: string;
}

/** The upload that a script comes from; undefined when another tool, or an older version of this code, made it. */
export function parseMark(settings: unknown): UploadMark | undefined {
  return markIn(isRecord(settings) ? settings["bindings"] : undefined);
}

/** @param bindings as the API tells them, or as the provider keeps them, with `json` as a text */
export function markIn(bindings: unknown): UploadMark | undefined {
  const list = Array.isArray(bindings) ? bindings.filter(isRecord) : [];
  const value = valueOf(list.find(({ name }) => name === MARK_BINDING)?.["json"]);
  if (!isRecord(value)) return undefined;
  const { project, stack, inputs, replaces } = value;
  if (typeof project !== "string" || typeof stack !== "string") return undefined;
  return {
    project,
    stack,
    ...(typeof inputs === "string" ? { inputs } : {}),
    ...(typeof replaces === "string" ? { replaces } : {}),
  };
}

function valueOf(json: unknown): unknown {
  if (typeof json !== "string") return json;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

export function isSameStack(a: StackMark, b: StackMark): boolean {
  return a.project === b.project && a.stack === b.stack;
}
