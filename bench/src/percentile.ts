/**
 * The smallest value that at least this share of the values does not exceed (nearest rank).
 * @param share from 0 to 1
 * @throws RangeError for no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  const value = sorted[Math.min(rank, sorted.length) - 1];
  if (value === undefined) throw new RangeError("there are no values to take a percentile of");
  return value;
}
