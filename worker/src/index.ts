import { badge } from "./badge/badge.ts";
import { demoPage } from "./demo/demo.ts";
import { type Config, type Env, readConfig } from "./env.ts";
import { explain } from "./explain.ts";
import { preflight, quote, refuse, refuseUnlessRead, withCors } from "./http.ts";
import { join } from "./join.ts";
import { live, liveByHash } from "./live/live.ts";
import { allowedOrigin } from "./origin.ts";
import { count } from "./reads/count.ts";
import { VERSION } from "./version.ts";

export type { Env } from "./env.ts";
export { PageCounter } from "./page-counter.ts";
export { SiteDirectory } from "./site-directory.ts";

export default {
  async fetch(request, env) {
    let config: Config | null = null;
    let response: Response;
    try {
      config = readConfig(env);
      response = await route(request, env, config);
    } catch (error) {
      response = explain(error);
    }
    if (response.webSocket !== null) return response;
    return withCors(response, config === null ? null : allowedOrigin(request, config));
  },
} satisfies ExportedHandler<Env>;

type Handler = (request: Request, env: Env, config: Config) => Response | Promise<Response>;

async function route(request: Request, env: Env, config: Config): Promise<Response> {
  const { pathname } = new URL(request.url);
  const handler = findHandler(pathname, config);
  if (handler === null) {
    const paths = "/ws, /live.js, /count, /badge.svg or /health";
    return refuse("not_found", `there is nothing at ${quote(pathname)}; use ${paths}`);
  }
  return request.method === "OPTIONS" ? preflight() : handler(request, env, config);
}

/** Paths are served with and without the base path, for a Worker that is on a route and a host. */
function findHandler(pathname: string, { settings }: Config): Handler | null {
  const { basePath, demo } = settings;
  const isBelow = pathname === basePath || pathname.startsWith(`${basePath}/`);
  const path = isBelow ? pathname.slice(basePath.length) : pathname;
  if (path === "/ws") return join;
  if (path === "/live.js") return live;
  if (path === "/count") return count;
  if (path === "/badge.svg") return badge;
  if (path === "/health") return health;
  if (demo && (path === "/" || path === "")) return demoPage;
  return liveByHash(path);
}

/** The contract's body, exactly; the version of the bundle is in a header. */
function health(request: Request): Response {
  const refusal = refuseUnlessRead(request);
  if (refusal !== null) return refusal;
  return Response.json(
    { status: "ok", timestamp: Date.now() },
    { headers: { "Cache-Control": "no-store", "Visitor-Tracker-Version": VERSION } },
  );
}
