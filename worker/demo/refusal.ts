import type { Refusal } from "./crowd.ts";

const OVERLOADED_MS = 5_000;

/** Asks the server why it let nobody in: a browser is not told when a WebSocket is refused. */
export async function askWhy(endpoint: string, visitorId: string): Promise<Refusal> {
  const query = new URLSearchParams({
    page: location.origin + location.pathname,
    userId: visitorId,
  });
  try {
    const response = await fetch(`${endpoint.replace(/\/?$/, "/ws")}?${query}&v=2`);
    const retryAfterMs = 1_000 * Number(response.headers.get("Retry-After") ?? 0);
    if (response.status === 426) return { message: "it takes visitors again", retryAfterMs: 1_000 };
    return {
      message: messageIn(await response.json()),
      retryAfterMs: retryAfterMs || OVERLOADED_MS,
    };
  } catch {
    return { message: "nothing; it cannot be reached", retryAfterMs: OVERLOADED_MS };
  }
}

/** `{"error":{"message"}}`, from a peer that is not trusted. */
function messageIn(body: unknown): string {
  const { error }: { error?: unknown } = { ...Object(body) };
  const { message }: { message?: unknown } = { ...Object(error) };
  return typeof message === "string" ? message : "no reason";
}
