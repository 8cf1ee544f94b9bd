/**
 * Picks the tabs to close so that one visitor holds at most `limit`: those that joined first.
 * @param tabs where two joined in the same millisecond, the older one comes first
 */
export function surplusTabs<T extends { readonly joinedMs: number }>(
  tabs: readonly T[],
  limit: number,
): T[] {
  return tabs
    .toSorted((a, b) => a.joinedMs - b.joinedMs)
    .slice(0, Math.max(0, tabs.length - limit));
}
