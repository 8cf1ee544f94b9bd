/** The oldest Node that has all that is used here. package.json says the same. */
export const OLDEST_NODE = "22.1.0";

/** @throws unless this Node, or one of this version, can run the local cloud */
export function checkNode(version: string = process.versions.node): void {
  if (isAtLeast(numbersOf(version), numbersOf(OLDEST_NODE))) return;
  throw new Error(`The local cloud needs Node ${OLDEST_NODE} or later; this is Node ${version}.`);
}

function numbersOf(version: string): number[] {
  return version.split(".").map((part) => Number.parseInt(part, 10));
}

function isAtLeast(
  [major = 0, minor = 0]: number[],
  [least = 0, leastMinor = 0]: number[],
): boolean {
  return major > least || (major === least && minor >= leastMinor);
}
