/**
 * Whether a server answers at all, whatever it says. For deciding between a download and something
 * else: a closed network must cost seconds, not minutes.
 * @returns null when it answers, else the reason
 */
export async function whyUnreachable(
  url: string,
  options: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<string | null> {
  const { timeoutMs = 3_000, signal } = options;
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])];
  const host = new URL(url).host;
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.any(limits) });
    await response.body?.cancel();
    return null;
  } catch (error) {
    signal?.throwIfAborted();
    return `${host} cannot be reached (${reasonOf(error, timeoutMs)})`;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1_000} s`;
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : error.message;
}
