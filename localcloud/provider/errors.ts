import { status } from "@grpc/grpc-js";

/** An error that the engine shows to the user as it is. */
export class ProviderError extends Error {
  override readonly name: string = "ProviderError";
  /**
   * gRPC status. The engine takes UNKNOWN, INTERNAL and DATA_LOSS to mean that the resource may have
   * been changed, and any other to mean that it was not; UNAVAILABLE, that the provider died.
   */
  readonly code: status;

  constructor(message: string, code: status = status.FAILED_PRECONDITION) {
    super(message);
    this.code = code;
  }
}
