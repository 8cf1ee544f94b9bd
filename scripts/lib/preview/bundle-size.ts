import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { say, type Text } from "./say.ts";

/** The bundled Worker. */
export interface BundleSize {
  /** Hexadecimal, as the script's input `contentSha256` has it. */
  readonly sha256: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

export function measureBundle(content: Uint8Array): BundleSize {
  return {
    sha256: createHash("sha256").update(content).digest("hex"),
    bytes: content.byteLength,
    gzipBytes: gzipSync(content, { level: 9 }).byteLength,
  };
}

/** @param sizes of bundles that were built; those of other hashes are of no use */
export function sayCodeChange(before: string, after: string, sizes: readonly BundleSize[]): Text {
  const hashes = say`sha256 ${before.slice(0, 12)} → ${after.slice(0, 12)}`;
  const [old, fresh] = [before, after].map((hash) => sizes.find(({ sha256 }) => sha256 === hash));
  if (fresh === undefined) return ["The code changes (", ...hashes, ")"];
  if (old === undefined) {
    return [`The code changes: the bundle has ${size(fresh)} (`, ...hashes, ")"];
  }
  const difference = fresh.bytes - old.bytes;
  const words = `The code changes: ${size(old)} → ${size(fresh)}, ${signed(difference)} B (`;
  return [words, ...hashes, ")"];
}

/** `65,100 B (19,205 B compressed)`. */
function size({ bytes, gzipBytes }: BundleSize): string {
  return `${group(bytes)} B (${group(gzipBytes)} B compressed)`;
}

function signed(value: number): string {
  if (value === 0) return "±0";
  return value > 0 ? `+${group(value)}` : `−${group(-value)}`;
}

function group(value: number): string {
  return value.toLocaleString("en-US");
}
