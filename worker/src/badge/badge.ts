import type { Config, Env } from "../env.ts";
import { refuse, refuseUnlessRead } from "../http.ts";
import { cachingHeaders } from "../reads/caching.ts";
import { readTotal } from "../reads/total.ts";
import { drawBadge } from "./draw.ts";
import { parseBadgeOptions } from "./options.ts";

/** Allows a badge that is opened by itself the one style that it may have, and nothing else. */
const POLICY =
  "default-src 'none'; style-src 'sha256-2xIZSJkKNKdPymFQN4vhn3X1MSWdJh51ApseHnkXPwo='; base-uri 'none'; form-action 'none'; sandbox";

/** `GET /badge.svg`: the same number as `/count`, as a picture. */
export async function badge(request: Request, env: Env, config: Config): Promise<Response> {
  const refusal = refuseUnlessRead(request);
  if (refusal !== null) return refusal;
  const { options, errors } = parseBadgeOptions(new URL(request.url).searchParams);
  if (errors.length > 0) return refuse("bad_badge", errors.join(". "));
  const total = await readTotal(request, env, config);
  if (total instanceof Response) return total;
  return new Response(drawBadge(total.count, options), {
    headers: {
      ...cachingHeaders(total.timestamp),
      "Content-Type": "image/svg+xml; charset=utf-8",
      "Content-Security-Policy": POLICY,
      // It is an image for any page, also one that isolates itself from other origins.
      "Cross-Origin-Resource-Policy": "cross-origin",
    },
  });
}
