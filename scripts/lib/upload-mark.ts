import { isRecord } from "../../infra/src/is-record.ts";
import { isSameStack, markIn, type UploadMark } from "../../infra/src/stack-mark.ts";
import { capture, type CaptureOptions } from "./child.ts";
import { PROJECT_NAME } from "./project.ts";

/**
 * What the last upload that a stack's state knows of left on its script.
 * @returns undefined when the state has none, or cannot be read
 */
export async function readUploadMark(
  command: string,
  stack: string,
  run: CaptureOptions,
): Promise<UploadMark | undefined> {
  const { code, stdout } = await capture(command, ["stack", "export", "--stack", stack], run);
  return code === 0 ? findMark(stdout, stack) : undefined;
}

/** @param state as `pulumi stack export` prints it */
export function findMark(state: string, stack: string): UploadMark | undefined {
  const own = { project: PROJECT_NAME, stack: stack.split("/").at(-1) ?? stack };
  for (const resource of resourcesIn(state)) {
    const outputs = resource["outputs"];
    const mark = isRecord(outputs) ? markIn(outputs["bindings"]) : undefined;
    if (mark !== undefined && isSameStack(mark, own)) return mark;
  }
  return undefined;
}

function resourcesIn(state: string): Record<string, unknown>[] {
  const { deployment } = parse(state);
  const resources = isRecord(deployment) ? deployment["resources"] : undefined;
  return Array.isArray(resources) ? resources.filter(isRecord) : [];
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
