// Stands in for `cloudflare:workers` in the Worker under test.
import { DurableObject as Original } from "cloudflare:workers";
import { followClock } from "./clock.ts";

// @ts-expect-error -- its types say `export =`; the module itself is an ES module
export * from "cloudflare:workers";

/** The platform's base class, with times that follow the harness's clock. */
export class DurableObject<Env = unknown> extends Original<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    followClock(ctx);
  }
}
