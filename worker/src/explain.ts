import { refuse } from "./http.ts";

/**
 * The answer when an object could not be reached. Durable Object errors say whether it was too busy
 * (`overloaded`) or was being restarted (`retryable`):
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export function explain(error: unknown): Response {
  console.error(error);
  const { overloaded, retryable }: { overloaded?: unknown; retryable?: unknown } =
    typeof error === "object" && error !== null ? error : {};
  if (overloaded === true || retryable === true) {
    const message = "the page is busy; try again in a few seconds";
    return refuse("overloaded", message, { "Retry-After": "5" });
  }
  return refuse("internal_error", "something went wrong here; the log of the Worker says what");
}
