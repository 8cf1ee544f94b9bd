import type { MutableMeter } from "./counters.ts";

const PATCHED = new WeakSet<object>();

/** Counts every message that this isolate sends over a WebSocket. */
export function countSends(meter: MutableMeter): void {
  wrap(WebSocket.prototype, "send", (send) => {
    meter.sends++;
    return send();
  });
}

/**
 * Counts rows written as Cloudflare bills them, https://developers.cloudflare.com/durable-objects/platform/pricing/:
 * "Each setAlarm is billed as a single row written", and a key-value method writes one row a key.
 */
export function countWrites(storage: DurableObjectStorage, meter: MutableMeter): void {
  const one = (write: () => unknown): unknown => {
    meter.rowsWritten++;
    return write();
  };
  const each = (write: () => unknown, [first]: readonly unknown[]): unknown => {
    meter.rowsWritten += rowsOf(first);
    return write();
  };
  for (const name of ["setAlarm", "deleteAlarm", "deleteAll"])
    wrap(prototypeOf(storage), name, one);
  for (const name of ["put", "delete"]) wrap(prototypeOf(storage), name, each);
  for (const name of ["put", "delete"]) wrap(prototypeOf(storage.kv), name, one);
  wrap(prototypeOf(storage.sql), "exec", (exec) => {
    const cursor = exec();
    // A statement that writes has done so when exec returns, also when it returns rows.
    meter.rowsWritten += writtenBy(cursor);
    return cursor;
  });
}

type Wrapper = (original: () => unknown, args: readonly unknown[]) => unknown;

/** Replaces a method of a prototype, once per isolate. */
function wrap(prototype: object, name: string, wrapper: Wrapper): void {
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== "function") throw new TypeError(`the runtime has no method ${name}`);
  if (PATCHED.has(original)) return;
  const replacement = function (this: unknown, ...args: unknown[]): unknown {
    return wrapper(() => Reflect.apply(original, this, args), args);
  };
  PATCHED.add(replacement);
  Object.defineProperty(prototype, name, {
    value: replacement,
    writable: true,
    configurable: true,
  });
}

function prototypeOf(value: object): object {
  const prototype: unknown = Object.getPrototypeOf(value);
  return typeof prototype === "object" && prototype !== null ? prototype : value;
}

/** `put` and `delete` take one key, a list of keys, or an object of keys and values. */
function rowsOf(keys: unknown): number {
  if (Array.isArray(keys)) return keys.length;
  return typeof keys === "object" && keys !== null ? Object.keys(keys).length : 1;
}

function writtenBy(cursor: unknown): number {
  if (typeof cursor !== "object" || cursor === null || !("rowsWritten" in cursor)) return 0;
  return typeof cursor.rowsWritten === "number" ? cursor.rowsWritten : 0;
}
