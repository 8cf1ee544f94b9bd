import { env } from "cloudflare:workers";

/** From `fromMs` on, by the machine's clock, the clock of this isolate is `offsetMs` ahead. */
interface Step {
  readonly fromMs: number;
  readonly offsetMs: number;
}

const machineNow = Date.now.bind(Date);
const steps: Step[] = [{ fromMs: Number.NEGATIVE_INFINITY, offsetMs: offsetAtStart(env) }];

function offsetAtStart(bindings: object): number {
  return "CLOCK_OFFSET_MS" in bindings ? Number(bindings.CLOCK_OFFSET_MS) : 0;
}

/** Sets how far the clock is ahead of the machine's; negative for behind. */
export function setClockOffset(offsetMs: number): void {
  steps.push({ fromMs: machineNow(), offsetMs });
}

Date.now = (): number => machineNow() + offsetAt(Number.POSITIVE_INFINITY);

/** What the clock said when the machine's said `machineMs`. */
function shownAt(machineMs: number): number {
  return machineMs + offsetAt(machineMs);
}

function offsetAt(machineMs: number): number {
  return steps.findLast(({ fromMs }) => fromMs <= machineMs)?.offsetMs ?? 0;
}

const patched = new WeakSet<object>();

/**
 * Has the platform's own times follow the clock: when a ping was answered is told by the clock as it
 * was then, and an alarm goes off after the time that was to pass when it was set.
 */
export function followClock(ctx: DurableObjectState): void {
  const state: object = Object.getPrototypeOf(ctx);
  const storage: object = Object.getPrototypeOf(ctx.storage);
  if (patched.has(state)) return;
  patched.add(state);
  replace(state, "getWebSocketAutoResponseTimestamp", (call) => {
    const machine = call();
    return machine instanceof Date ? new Date(shownAt(machine.getTime())) : machine;
  });
  replace(storage, "setAlarm", (call, [time]) => {
    const ms = time instanceof Date ? time.getTime() : Number(time);
    return call(ms - offsetAt(Number.POSITIVE_INFINITY));
  });
  replace(storage, "getAlarm", async (call) => {
    const machineMs = await call();
    return typeof machineMs === "number" ? machineMs + offsetAt(Number.POSITIVE_INFINITY) : null;
  });
}

type Replacement = (call: (...args: unknown[]) => unknown, args: readonly unknown[]) => unknown;

function replace(prototype: object, name: string, replacement: Replacement): void {
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== "function") throw new TypeError(`the runtime has no method ${name}`);
  Object.defineProperty(prototype, name, {
    value(this: unknown, ...args: unknown[]): unknown {
      const call = (...other: unknown[]): unknown =>
        Reflect.apply(original, this, other.length === 0 ? args : other);
      return replacement(call, args);
    },
  });
}
