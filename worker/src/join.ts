import { CLOSE_PAGE_FULL, isOriginAllowed, isUserId } from "@visitor-tracker/protocol";
import type { Config, Env } from "./env.ts";
import { explain } from "./explain.ts";
import { quote, refuse } from "./http.ts";
import { hashVisitor } from "./join-request.ts";
import { refuseForeignOrigin, refuseOrigin } from "./origin.ts";
import { checkPage, pageCounter, siteOf } from "./page.ts";
import { isRateLimited } from "./rate-limit.ts";
import { routeJoin } from "./route-join.ts";

/**
 * `GET /ws`: passes a connection to its page's object, once everything about it was checked. The
 * same request without an upgrade gets the same refusals, which a browser can read there, and 426
 * when all is well.
 */
export async function join(request: Request, env: Env, config: Config): Promise<Response> {
  const url = new URL(request.url);
  if (request.method !== "GET") {
    const message = `${quote(request.method)} cannot open a connection; use GET`;
    return refuse("method_not_allowed", message, { Allow: "GET, OPTIONS" });
  }
  const key = checkRequest(request, url, config);
  if (key instanceof Response) return key;
  const userId = url.searchParams.get("userId");
  if (!isUserId(userId)) return refuseUserId(userId);
  if (await isRateLimited(request, env.RATE_LIMIT)) {
    const message = "too many connections from this address; try again in a minute";
    return refuse("rate_limited", message, { "Retry-After": "60" });
  }
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
    const message = "this is a WebSocket address; connect with ws:// or wss://";
    return refuse("upgrade_required", message, { Upgrade: "websocket", Connection: "Upgrade" });
  }
  const isContractClient = url.searchParams.get("v") !== "2";
  const hash = await hashVisitor(key, userId);
  const visitor = isObserver(request, url) ? null : hash;
  const object = (name: string) => pageCounter(env, config, name);
  const joining = routeJoin({ key, hash, join: { visitor, isContractClient }, object });
  const response = await joining.catch(explain);
  return response.status === 503 && !isContractClient ? closeUnavailable(response) : response;
}

/** The page's key, or the refusal of the request's origin or of the page. */
function checkRequest(request: Request, url: URL, config: Config): string | Response {
  if (!request.headers.has("Origin") && !isOriginAllowed(config.origins, null)) {
    const message = "the request has no Origin header; add 'none' to allowedOrigins";
    return refuseOrigin(`${message} to serve such clients`);
  }
  const refusal = refuseForeignOrigin(request, config);
  if (refusal !== null) return refusal;
  const page = url.searchParams.get("page");
  if (page === null) return refuse("bad_page", "page is missing; add ?page=/posts/my-post");
  return checkPage(page, siteOf(request), config);
}

function refuseUserId(userId: string | null): Response {
  const rule = "use 8 to 64 letters, digits, '_' or '-', for example a UUID";
  if (userId === null) return refuse("bad_user_id", `userId is missing; ${rule}`);
  return refuse("bad_user_id", `userId ${quote(userId)} cannot be used; ${rule}`);
}

/** Whether to send counts to this client without counting it. */
function isObserver({ headers }: Request, { searchParams }: URL): boolean {
  const asked = searchParams.get("observe") === "1";
  return asked || headers.get("Sec-GPC") === "1" || headers.get("DNT") === "1";
}

/** A browser cannot see why an upgrade was refused, so a client that knows the code is told by it. */
async function closeUnavailable(response: Response): Promise<Response> {
  await response.body?.cancel();
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(CLOSE_PAGE_FULL, "the page takes nobody in at the moment; try again later");
  return new Response(null, { status: 101, webSocket: client });
}
