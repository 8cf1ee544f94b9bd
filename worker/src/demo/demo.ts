import type { Config, Env } from "../env.ts";
import { DEMO_JS } from "../generated/demo.ts";
import { refuseUnlessRead } from "../http.ts";
import html from "./demo.html";

/** A page that shows its own count, what changes it, and what that costs. */
export function demoPage(request: Request, _env: Env, { settings }: Config): Response {
  const refusal = refuseUnlessRead(request);
  if (refusal !== null) return refusal;
  const nonce = crypto.randomUUID();
  const { upgradesPerMinute, staleAfterMs } = settings.limits;
  const values: { readonly [name: string]: string } = {
    NONCE: nonce,
    UPGRADES_PER_MINUTE: String(upgradesPerMinute),
    STALE_AFTER_MS: String(staleAfterMs),
    SCRIPT: DEMO_JS,
  };
  const body = html.replaceAll(/%([A-Z_]+)%/g, (_, name: string) => values[name] ?? "");
  return new Response(body, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": policy(nonce, new URL(request.url)),
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

/** Allows the page its own script, style and connections, and nothing else. */
function policy(nonce: string, { host }: URL): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    // 'self' covers WebSockets in Chromium and Firefox; the rest is for browsers where it does not.
    `connect-src 'self' ws://${host} wss://${host}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
