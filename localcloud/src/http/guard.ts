import type { IncomingHttpHeaders } from "node:http";
import { ERRORS, fail } from "../errors.ts";

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * Refuses what a web page made a browser send. Any token is good here, so the address is the only guard:
 * a page of another origin, or a host name that was made to point at this machine, gets nothing. Pages of
 * other ports of this machine are foreign, too: the edge serves those of any Worker.
 * @throws {ApiError} 403
 */
export function requireLocal(headers: IncomingHttpHeaders): void {
  const { host = "", origin } = headers;
  if (!LOCAL_HOST.test(host)) fail(ERRORS.FOREIGN_ORIGIN, { value: `host '${host}'` });
  if (origin !== undefined && origin !== `http://${host}`) {
    fail(ERRORS.FOREIGN_ORIGIN, { value: `origin '${origin}'` });
  }
  if (isForeignFetch(headers)) {
    fail(ERRORS.FOREIGN_ORIGIN, { value: "a page of another origin, by what the browser says" });
  }
}

/** Images and scripts of a foreign page have no origin, but browsers say where they are from; links are fine. */
function isForeignFetch(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"] ?? "none";
  return site !== "none" && site !== "same-origin" && headers["sec-fetch-mode"] !== "navigate";
}

/**
 * Any token will do, but there must be one, as at Cloudflare.
 * @throws {ApiError} 9106 without one, 6003 when the header is malformed
 */
export function requireAuth(headers: IncomingHttpHeaders): void {
  const { authorization } = headers;
  if (authorization === undefined) {
    if (headers["x-auth-key"] !== undefined && headers["x-auth-email"] !== undefined) return;
    fail(ERRORS.MISSING_AUTH);
  }
  if (!/^Bearer\s+[\w.~+/-]+=*$/i.test(authorization)) fail(ERRORS.BAD_AUTH_HEADER);
}
