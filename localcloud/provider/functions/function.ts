import type { ApiClient } from "../api/client.ts";
import type { Fields } from "../schema.ts";
import type { Properties } from "../values.ts";

/** What a lookup may use. */
export interface FunctionContext {
  readonly api: ApiClient;
  /** Aborted when the engine cancels. */
  readonly signal: AbortSignal;
}

/** A lookup that programs call in previews too. Arguments arrive checked and revealed. */
export interface ProviderFunction {
  readonly token: string;
  readonly fields: Fields;
  call(context: FunctionContext, args: Properties): Promise<Properties>;
}
