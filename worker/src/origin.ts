import { isOriginAllowed } from "@visitor-tracker/protocol";
import type { Config } from "./env.ts";

/**
 * The request's Origin header if it may use this Worker, else null. The Worker's own origin may
 * where the demo page is shown.
 */
export function allowedOrigin(request: Request, { origins, settings }: Config): string | null {
  const origin = request.headers.get("Origin");
  if (origin === null) return null;
  const isOwn = settings.demo && origin === new URL(request.url).origin;
  return isOwn || isOriginAllowed(origins, origin) ? origin : null;
}
