import { rateLimitKey } from "./rules/rate-limit-key.ts";

/**
 * Counts one against the address that a request comes from.
 * @returns whether that was too much; never for a request without an address, such as one from
 * another Worker
 */
export async function isRateLimited(
  { headers }: Request,
  limit: RateLimit | undefined,
): Promise<boolean> {
  const address = headers.get("CF-Connecting-IP");
  if (limit === undefined || address === null) return false;
  const { success } = await limit.limit({ key: rateLimitKey(address) });
  return !success;
}
