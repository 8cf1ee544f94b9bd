/** What an object has gone through, by its class's own events. */
export interface Events {
  readonly constructed: number;
  /** Connections and reads that the Worker passed on. */
  readonly fetches: number;
  readonly messages: number;
  readonly closes: number;
  readonly alarms: number;
}

export interface Rest {
  /** Timers that were set and have neither fired nor been cleared, in the whole isolate. */
  readonly timers: number;
  /** When the object's alarm is due; null for none. */
  readonly alarm: number | null;
  /** Rows that the object's key-value storage holds. */
  readonly stored: number;
}

/**
 * A wrapper that makes the Worker tell what its objects go through: see `eventsOf` and `restOf`. It
 * shares the isolate and its globals with the objects.
 */
export const WATCHED_WORKER = `
import worker, * as bundle from "./worker.js";
export * from "./worker.js";

const NOTHING = { constructed: 0, fetches: 0, messages: 0, closes: 0, alarms: 0 };
const events = new Map();
const pending = new Set();
const { setTimeout: set, clearTimeout: clear } = globalThis;
globalThis.setTimeout = (run, ms) => {
  const timer = set(() => { pending.delete(timer); run(); }, ms);
  pending.add(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => { pending.delete(timer); clear(timer); };

export class PageCounter extends bundle.PageCounter {
  #name;
  constructor(ctx, env) {
    super(ctx, env);
    this.#name = ctx.id.name;
    this.#note("constructed");
  }
  #note(event) {
    const before = events.get(this.#name) ?? NOTHING;
    events.set(this.#name, { ...before, [event]: before[event] + 1 });
  }
  fetch(request) { this.#note("fetches"); return super.fetch(request); }
  webSocketMessage(...args) { this.#note("messages"); return super.webSocketMessage(...args); }
  webSocketClose(...args) { this.#note("closes"); return super.webSocketClose(...args); }
  alarm(...args) { this.#note("alarms"); return super.alarm(...args); }
  async rest() {
    const { storage } = this.ctx;
    const stored = (await storage.list()).size;
    return { timers: pending.size, alarm: await storage.getAlarm(), stored };
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    const name = searchParams.get("page");
    if (pathname === "/events") return Response.json(events.get(name) ?? NOTHING);
    if (pathname === "/rest") return Response.json(await env.PAGE_COUNTER.getByName(name).rest());
    return worker.fetch(request, env, ctx);
  },
};
`;

/** What the page's object went through so far. Wakes nothing. */
export async function eventsOf(port: number, page: string): Promise<Events> {
  const { constructed, fetches, messages, closes, alarms } = await ask(port, "events", page);
  return {
    constructed: Number(constructed),
    fetches: Number(fetches),
    messages: Number(messages),
    closes: Number(closes),
    alarms: Number(alarms),
  };
}

/** What the page's object has left to do. Wakes it. */
export async function restOf(port: number, page: string): Promise<Rest> {
  const { timers, alarm, stored } = await ask(port, "rest", page);
  return {
    timers: Number(timers),
    alarm: alarm === null ? null : Number(alarm),
    stored: Number(stored),
  };
}

async function ask(
  port: number,
  what: "events" | "rest",
  page: string,
): Promise<{ [key: string]: unknown }> {
  const url = `http://127.0.0.1:${port}/${what}?page=${encodeURIComponent(page)}`;
  return { ...Object(await (await fetch(url)).json()) };
}
