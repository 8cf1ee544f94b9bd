import { REFUSAL_STATUS, type Refusal, type RefusalCode } from "@visitor-tracker/protocol";

const ALLOW_ORIGIN = "Access-Control-Allow-Origin";

/** The JSON answer that refuses a request. The message says what is wrong and what to do. */
export function refuse(code: RefusalCode, message: string, headers: HeadersInit = {}): Response {
  const body: Refusal = { error: { code, message } };
  const response = Response.json(body, { status: REFUSAL_STATUS[code], headers });
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/** A value from a request as it may stand in a message: quoted, and cut when it is long. */
export function quote(value: string): string {
  return `'${value.length > 80 ? `${value.slice(0, 80)}…` : value}'`;
}

/**
 * Adds what lets scripts of another origin read the answer. An origin that is not allowed gets no
 * permission, only `Vary`, so that a cache keeps the two apart. An answer that is for everyone is
 * left as it is.
 * @param origin the request's Origin if it is allowed, else null
 */
export function withCors(response: Response, origin: string | null): Response {
  const isForAll = response.status < 400 && response.headers.get(ALLOW_ORIGIN) === "*";
  if (isForAll) return response;
  const answer = new Response(response.body, response);
  answer.headers.append("Vary", "Origin");
  if (origin !== null) {
    answer.headers.set(ALLOW_ORIGIN, origin);
    answer.headers.set("Access-Control-Expose-Headers", "Retry-After, Visitor-Tracker-Version");
  }
  return answer;
}

/** The answer to OPTIONS, to which {@link withCors} adds the permission. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
      "Access-Control-Max-Age": "86400",
    },
  });
}

/** The refusal of a request that does not only read; null when it does. */
export function refuseUnlessRead({ method }: Request): Response | null {
  if (method === "GET" || method === "HEAD") return null;
  const message = `${quote(method)} is not possible here; use GET`;
  return refuse("method_not_allowed", message, { Allow: "GET, HEAD, OPTIONS" });
}
