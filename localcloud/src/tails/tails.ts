import { randomBytes } from "node:crypto";
import { ERRORS, fail } from "../errors.ts";
import type { Runtime, Trace } from "../runtime/types.ts";
import { type TailEvent, type TailFilter, isWanted } from "./filter.ts";

/** How long a tail lives: as long as Cloudflare's. */
const LIFETIME_MS = 6 * 60 * 60_000;

/** Tails of one script at once. */
const MAX_TAILS = 10;

/** What waits for a client that does not read; past it, events are dropped until it has read all. */
const MAX_BACKLOG_BYTES = 1024 * 1024;

/** A client that a tail's events go to. */
interface TailClient {
  send: (text: string) => void;
  /** What has been sent and not been taken, in bytes. */
  backlogBytes: () => number;
  close: (code: number, reason: string) => void;
}

/** A live view of what a script does. It is gone when the process ends. */
export interface Tail {
  id: string;
  script: string;
  filters: TailFilter[];
  expiresAt: Date;
}

interface OpenTail extends Tail {
  clients: Map<TailClient, { isOverloaded: boolean }>;
  expiry: NodeJS.Timeout;
}

/** The tails of all scripts. */
export interface Tails {
  /** @throws {ApiError} 10058 when the script has too many */
  create: (script: string, filters: TailFilter[]) => Tail;
  /** Newest first. */
  list: (script: string) => Tail[];
  /** @throws {ApiError} 10057 when the script has no such tail */
  remove: (script: string, id: string) => void;
  /** Ends those of a script, or all. `reason` is told to their clients. */
  end: (reason: string, script?: string) => void;
  /** Has those of a script show what it does under its new name. */
  rename: (script: string, to: string) => void;
  /** Sends events to `client` until `disconnect`; null when there is no such tail. */
  connect: (id: string, client: TailClient) => Promise<{ disconnect: () => void } | null>;
}

/** Traces are asked for only while a client is connected: they cost every request time. */
export function createTails(runtime: Pick<Runtime, "trace">): Tails {
  const tails = new Map<string, OpenTail>();
  const isWatched = (): boolean => [...tails.values()].some(({ clients }) => clients.size > 0);
  const deliver = (trace: Trace): void => {
    for (const tail of tails.values()) if (tail.script === trace.script) send(tail, trace);
  };
  const watch = (): Promise<void> =>
    // A runtime that is closed has nothing to tell any more.
    runtime.trace(isWatched() ? deliver : null).catch(() => undefined);
  const end = (tail: OpenTail, reason: string): void => {
    clearTimeout(tail.expiry);
    tails.delete(tail.id);
    for (const client of tail.clients.keys()) client.close(1000, reason);
    tail.clients.clear();
    void watch();
  };
  return {
    create(script, filters) {
      const open = [...tails.values()].filter((tail) => tail.script === script);
      if (open.length >= MAX_TAILS) fail(ERRORS.TOO_MANY_TAILS, { limit: MAX_TAILS });
      const id = randomBytes(16).toString("hex");
      const expiresAt = new Date(Date.now() + LIFETIME_MS);
      const expiry = setTimeout(() => end(tail, "The tail has expired."), LIFETIME_MS).unref();
      const tail: OpenTail = { id, script, filters, expiresAt, clients: new Map(), expiry };
      tails.set(id, tail);
      return tail;
    },
    list: (script) => [...tails.values()].filter((tail) => tail.script === script).toReversed(),
    remove(script, id) {
      const tail = tails.get(id);
      end(
        tail?.script === script ? tail : fail(ERRORS.TAIL_NOT_FOUND, { id }),
        "The tail was deleted.",
      );
    },
    async connect(id, client) {
      const tail = tails.get(id);
      if (tail === undefined) return null;
      tail.clients.set(client, { isOverloaded: false });
      await watch();
      return {
        disconnect: () => {
          if (tail.clients.delete(client)) void watch();
        },
      };
    },
    end(reason, script) {
      for (const tail of tails.values()) {
        if (script === undefined || tail.script === script) end(tail, reason);
      }
    },
    rename(script, to) {
      for (const tail of tails.values()) if (tail.script === script) tail.script = to;
    },
  };
}

function send(tail: OpenTail, { event }: Trace): void {
  if (!isWanted(tail.filters, event, { clientIp: "127.0.0.1", random: Math.random })) return;
  const text = JSON.stringify(event);
  for (const [client, state] of tail.clients) {
    const backlogBytes = client.backlogBytes();
    if (state.isOverloaded && backlogBytes > 0) continue;
    if (state.isOverloaded) client.send(notice("overload-stop", "All events are shown again."));
    state.isOverloaded = backlogBytes > MAX_BACKLOG_BYTES;
    if (!state.isOverloaded) client.send(text);
    else
      client.send(notice("overload", "Events are left out: they come faster than they are read."));
  }
}

function notice(type: "overload" | "overload-stop", message: string): string {
  const event: TailEvent = {
    outcome: "ok",
    scriptName: null,
    exceptions: [],
    logs: [],
    eventTimestamp: Date.now(),
    event: { type, message },
  };
  return JSON.stringify(event);
}
