import { ERRORS, fail } from "../errors.ts";

/** What of a setting is looked at before it is given back as it was sent. */
const TYPES = {
  observability: { enabled: "boolean" },
  limits: { cpu_ms: "number" },
} as const;

/**
 * The setting as it was sent.
 * @throws {ApiError} 10001 when a field that is there has another type than Cloudflare documents
 */
export function requireTypes<Sent extends Record<string, unknown> | null>(
  setting: keyof typeof TYPES,
  sent: Sent,
): Sent {
  for (const [name, type] of Object.entries(TYPES[setting])) {
    const field = sent?.[name];
    if (field === undefined || typeof field === type) continue;
    fail(ERRORS.INVALID_FIELD, { field: `${setting}.${name}`, reason: `must be a ${type}` });
  }
  return sent;
}
