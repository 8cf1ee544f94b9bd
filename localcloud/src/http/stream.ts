import type { IncomingMessage, ServerResponse } from "node:http";
import type { Journal, JournalEntry } from "../journal.ts";

/** The journal as it grows, as server-sent events: `id` is the entry's number, `data` the entry. */
export interface JournalStreams {
  /**
   * Sends what came after the entry that `Last-Event-ID` names, or else the last `?last=` entries; then
   * each entry as it comes.
   */
  open(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): void;
  /** Ends all streams. */
  close(): void;
}

/** Lets both ends notice that the other is gone. */
const PING_MS = 15_000;

/** A reader that is this far behind is let go; it comes back with `Last-Event-ID`. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;

export function createJournalStreams(journal: Journal): JournalStreams {
  const open = new Set<ServerResponse>();
  return {
    open(request, response, query) {
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
      });
      const write = (text: string): void => {
        if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
        else response.write(text);
      };
      write(": the journal\n\n");
      const lastId = request.headers["last-event-id"];
      for (const entry of beginning(journal, lastId, query)) write(eventOf(entry));
      const unsubscribe = journal.subscribe((entry) => write(eventOf(entry)));
      const ping = setInterval(() => write(": ping\n\n"), PING_MS);
      open.add(response);
      response.on("close", () => {
        unsubscribe();
        clearInterval(ping);
        open.delete(response);
      });
    },
    close() {
      for (const response of open) response.end();
    },
  };
}

function beginning(
  { entries }: Journal,
  lastId: string | string[] | undefined,
  query: URLSearchParams,
): readonly JournalEntry[] {
  if (lastId === undefined) {
    const count = Number(query.get("last"));
    return Number.isSafeInteger(count) && count > 0 ? entries.slice(-count) : [];
  }
  const number = Number(lastId);
  const newest = entries.at(-1)?.number ?? 0;
  // A reader of the run before: what it has not seen is all of this one.
  return number > newest ? entries : entries.filter((entry) => entry.number > number);
}

function eventOf(entry: JournalEntry): string {
  return `id: ${entry.number}\ndata: ${JSON.stringify(entry)}\n\n`;
}
