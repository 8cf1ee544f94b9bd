import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ProviderError } from "../errors.ts";
import { hasUnknowns, textOf } from "../values.ts";
import type { Properties } from "../values.ts";

/** SHA-256 in lower-case hex, as `contentSha256` states it. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Complaints about where the code comes from. The file must be there and be the one stated when the
 * preview runs, as with the real provider.
 */
export async function checkContent(inputs: Properties, programDir: string): Promise<string[]> {
  const { content, contentFile, contentSha256, mainModule, bodyPart } = inputs;
  const complaints: string[] = [];
  if (mainModule !== undefined && bodyPart !== undefined) {
    complaints.push("mainModule and bodyPart: state one of them (mainModule for ES modules)");
  }
  if (content !== undefined && contentFile !== undefined) {
    complaints.push("content and contentFile: state one of them");
  } else if (content === undefined && contentFile === undefined) {
    complaints.push("contentFile: required (or content); it names the bundle to upload");
  } else if (contentFile !== undefined && contentSha256 === undefined) {
    complaints.push("contentSha256: required with contentFile; a change of the code shows by it");
  }
  const sources = [content, contentFile, contentSha256];
  if (complaints.length > 0 || sources.some(hasUnknowns)) return complaints;
  try {
    await loadContent(inputs, programDir);
    return [];
  } catch (error) {
    if (error instanceof ProviderError) return [error.message];
    throw error;
  }
}

/** The code to upload. Throws when the file is not there or is not the one stated. */
export async function loadContent(inputs: Properties, programDir: string): Promise<Uint8Array> {
  const content = textOf(inputs["content"]);
  if (content !== undefined) return checkHash(inputs, Buffer.from(content), "content");
  const file = textOf(inputs["contentFile"]);
  if (file === undefined) throw new ProviderError("contentFile: required (or content)");
  const path = resolve(programDir, file);
  try {
    return checkHash(inputs, await readFile(path), `contentFile '${file}'`);
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProviderError(`contentFile: '${file}' cannot be read (${reason}); build it first`);
  }
}

function checkHash(inputs: Properties, bytes: Uint8Array, source: string): Uint8Array {
  const stated = textOf(inputs["contentSha256"]);
  const actual = sha256(bytes);
  if (stated === undefined || stated === actual) return bytes;
  throw new ProviderError(
    `contentSha256: '${stated}' is not the hash of ${source}, which is '${actual}'; ` +
      "compute it from the bytes that were written last",
  );
}
