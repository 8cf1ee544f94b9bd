import { createHash } from "node:crypto";
import type { ServingVersion } from "../runtime/types.ts";

/** What of a request decides which version of its script it gets. */
export interface VersionWish {
  script: string;
  /** `Cloudflare-Workers-Version-Key`: requests with the same key get the same version. */
  key: string | undefined;
  /** `Cloudflare-Workers-Version-Overrides`: a dictionary of scripts and versions. */
  overrides: string | undefined;
}

/**
 * The version that serves a request. As a version's share grows, keys that had it keep it, so long as the
 * deployment lists the versions in the same order.
 * @param random from 0 up to, not including, 1; decides for requests without a key
 * @see https://developers.cloudflare.com/workers/versions-and-deployments/gradual-deployments/
 */
export function chooseVersion(
  versions: readonly ServingVersion[],
  { script, key, overrides }: VersionWish,
  random: () => number,
): ServingVersion | undefined {
  const wanted = overrides === undefined ? undefined : overrideOf(overrides, script);
  const override = versions.find(({ id }) => id === wanted);
  if (override !== undefined || versions.length < 2) return override ?? versions[0];
  const place = 100 * (key === undefined ? random() : placeOf(script, key));
  let sum = 0;
  for (const version of versions) {
    sum += version.percentage;
    if (place < sum) return version;
  }
  // Only where shares such as 33.3 do not quite add up.
  return versions.findLast(({ percentage }) => percentage > 0);
}

/** From 0 up to, not including, 1; the same for the same key. */
function placeOf(script: string, key: string): number {
  return createHash("sha256").update(`${script}\n${key}`).digest().readUInt32BE() / 2 ** 32;
}

/** The value of a key in a dictionary of strings (RFC 8941); the last one, when it is there twice. */
function overrideOf(dictionary: string, script: string): string | undefined {
  const members = [
    ...dictionary.matchAll(/(?:^|,)[ \t]*([a-z*][a-z0-9_.*-]*)="([^"\\]*)"[ \t]*(?=,|$)/g),
  ];
  return members.findLast(([, name]) => name === script)?.[2];
}
