/** The oldest Node that has all that is used here. package.json says the same. */
export const OLDEST_NODE = 22;

/** @throws unless this Node, or one of this version, can run the local cloud */
export function checkNode(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return;
  throw new Error(`The local cloud needs Node ${OLDEST_NODE} or later; this is Node ${version}.`);
}
