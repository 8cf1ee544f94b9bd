import type { FaultRule } from "../fault-rule.ts";
import { type Answer, errorAnswer } from "./answer.ts";

/** What a fault answers instead; null when it only delays, drops or truncates after the request is done. */
export function injectedAnswer(fault: FaultRule): Answer | null {
  const retryAfter = fault.retryAfter === undefined ? null : String(fault.retryAfter);
  const headers = {
    ...fault.headers,
    ...(retryAfter === null ? {} : { "retry-after": retryAfter }),
  };
  const status = fault.status ?? (fault.drop === true ? 0 : null);
  if (status === null) return null;
  if (fault.html !== undefined) {
    const bytes = Buffer.from(fault.html);
    return { status, bytes, headers: { "content-type": "text/html", ...headers }, errors: [] };
  }
  const error = {
    code: fault.code ?? 10013,
    message: fault.message ?? "An unknown error has occurred.",
  };
  return errorAnswer({ status, ...error }, { strict: true, headers });
}
