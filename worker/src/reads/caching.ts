import { READ_FRESH_MS } from "@visitor-tracker/protocol";

/**
 * Headers that let an answer be kept for as long as its numbers are fresh: what they have aged here
 * already counts.
 * @param timestamp when the oldest of them was read
 */
export function cachingHeaders(timestamp: number): Record<string, string> {
  const ageMs = Math.min(Math.max(0, Date.now() - timestamp), READ_FRESH_MS);
  return {
    "Cache-Control": `public, max-age=${READ_FRESH_MS / 1_000}`,
    Age: String(Math.ceil(ageMs / 1_000)),
    "X-Content-Type-Options": "nosniff",
  };
}
