/**
 * The proxied record that only makes Cloudflare answer for a host: nothing is ever sent to its address,
 * of the range that RFC 6666 sets aside for discarding.
 */
export const DISCARD_RECORD = { type: "AAAA", content: "100::", proxied: true, ttl: 1 } as const;
