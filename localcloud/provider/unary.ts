import { status } from "@grpc/grpc-js";
import type { ServerUnaryCall, handleUnaryCall } from "@grpc/grpc-js";
import { ProviderError } from "./errors.ts";

/** Who calls, and when the call is no longer wanted. */
export interface CallContext {
  /** Address of the engine's connection. */
  readonly peer: string;
  /** Aborted when the caller goes away. */
  readonly gone: AbortSignal;
}

/**
 * A gRPC handler from a plain function. What it throws is answered as a gRPC status: a ProviderError
 * with its own, anything else (a defect) as INTERNAL, without its stack.
 */
export function unary<Request, Response>(
  handle: (request: Request, context: CallContext) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, reply) => {
    answer(call, handle).then(
      (response) => reply(null, response),
      (error: unknown) => reply(toStatus(error)),
    );
  };
}

async function answer<Request, Response>(
  call: ServerUnaryCall<Request, Response>,
  handle: (request: Request, context: CallContext) => Promise<Response> | Response,
): Promise<Response> {
  const gone = new AbortController();
  call.on("cancelled", () => gone.abort());
  return handle(call.request, { peer: call.getPeer(), gone: gone.signal });
}

function toStatus(error: unknown): { code: status; details: string } {
  if (error instanceof ProviderError) return { code: error.code, details: error.message };
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    code: status.INTERNAL,
    details: `the local stand-in for the Cloudflare provider failed: ${reason}`,
  };
}
