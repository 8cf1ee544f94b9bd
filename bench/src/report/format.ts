/** Text for people: short, and the same for the same value. */

export function formatMs(ms: number): string {
  if (ms < 10) return `${trimmed(ms.toFixed(1))} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${formatNumber(ms / 1_000)} s`;
}

/** At most three digits of what is small, all of what is large: 0.18, 4.1, 16, 500,500. */
export function formatNumber(value: number): string {
  const digits = value >= 10 ? 0 : value >= 1 || value === 0 ? 1 : 2;
  return trimmed(value.toLocaleString("en-US", { maximumFractionDigits: digits }));
}

export function formatKb(kb: number): string {
  return kb < 1_024 ? `${Math.round(kb)} KB` : `${formatNumber(kb / 1_024)} MB`;
}

/** How many times the base a value is: "29x". Empty when there is nothing to compare. */
export function formatRatio(value: number | null, base: number | null): string {
  if (value === null || base === null || base === 0) return "";
  return `${formatNumber(value / base)}x`;
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
