import { DurableObject } from "cloudflare:workers";
import { type Meter, emptyMeter } from "./counters.ts";
import { countSends, countWrites } from "./patches.ts";

/** A Durable Object class, whatever its environment. */
export type ObjectClass = new (ctx: DurableObjectState, env: never) => object;

/** Where a metered Worker tells its meter. Answered by the isolate: no object is woken. */
const METER_PATH = "/__meter";

/** Objects and their Worker share an isolate, so also this. */
const METER = emptyMeter();

const HANDLERS: ReadonlyMap<string, keyof Meter> = new Map([
  ["fetch", "fetches"],
  ["webSocketMessage", "messages"],
  ["webSocketClose", "closes"],
  ["webSocketError", "errors"],
  ["alarm", "alarms"],
]);

countSends(METER);

/**
 * The same class, with every entry from outside counted. It holds an instance instead of being a
 * subclass, so that what an object calls of itself is not taken for a call by RPC.
 */
export function metered(Original: ObjectClass): ObjectClass {
  class Metered extends DurableObject {
    readonly original: object;

    constructor(ctx: DurableObjectState, env: never) {
      super(ctx, env);
      METER.constructed++;
      countWrites(ctx.storage, METER);
      this.original = new Original(ctx, env);
    }
  }
  for (const [name, method] of methodsOf(Original)) {
    const key = HANDLERS.get(name) ?? "calls";
    Object.defineProperty(Metered.prototype, name, {
      value(this: Metered, ...args: unknown[]): unknown {
        METER[key]++;
        return Reflect.apply(method, this.original, args);
      },
    });
  }
  return Metered;
}

/** A Worker that also tells what its objects did. */
export function meteredWorker<Env>(worker: ExportedHandler<Env>): ExportedHandler<Env> {
  return {
    ...worker,
    fetch(request, env, ctx) {
      if (new URL(request.url).pathname === METER_PATH) return Response.json(METER);
      if (worker.fetch === undefined) return new Response(null, { status: 404 });
      return worker.fetch(request, env, ctx);
    },
  };
}

type Method = (...args: unknown[]) => unknown;

/** Public methods, those of base classes included. */
function methodsOf(Original: ObjectClass): Map<string, Method> {
  const methods = new Map<string, Method>();
  let prototype: unknown = Original.prototype;
  while (isObject(prototype) && prototype !== DurableObject.prototype) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      const isOwn = name !== "constructor" && !methods.has(name);
      if (isOwn && isMethod(value)) methods.set(name, value);
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return methods;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isMethod(value: unknown): value is Method {
  return typeof value === "function";
}
