import { isOriginAllowed } from "@visitor-tracker/protocol";
import type { Config } from "./env.ts";
import { quote, refuse } from "./http.ts";

/**
 * The request's Origin header if it may use this Worker, else null. The Worker's own origin may
 * where the demo page is shown.
 */
export function allowedOrigin(request: Request, { origins, settings }: Config): string | null {
  const origin = request.headers.get("Origin");
  if (origin === null) return null;
  if (isOriginAllowed(origins, origin)) return origin;
  return settings.demo && origin === new URL(request.url).origin ? origin : null;
}

/** The refusal of a request whose Origin header is not allowed; null for one that has none. */
export function refuseForeignOrigin(request: Request, config: Config): Response | null {
  const header = request.headers.get("Origin");
  if (header === null || allowedOrigin(request, config) !== null) return null;
  return refuseOrigin(`origin ${quote(header)} is not served here; add it to allowedOrigins`);
}

/** The refusal for the reason that `message` says. */
export function refuseOrigin(message: string): Response {
  return refuse("origin_not_allowed", message, {
    // The reason may be read by the site that is refused, so that its client stops asking.
    "Access-Control-Allow-Origin": "*",
  });
}
