import type { Page } from "./page.ts";
import { parseCount } from "@visitor-tracker/protocol";
import { encodeClose } from "./frames.ts";
import { Wire } from "./wire.ts";

/** A server that is being deployed again, or is busy with other pages, takes no longer than this. */
const LONGEST_MS = 10_000;

/** What the page says to an observer who comes and goes. Null when it says nothing in time. */
export async function askCount(page: Page): Promise<number | null> {
  const boundMs = Date.now() + LONGEST_MS;
  while (Date.now() < boundMs) {
    const count = await ask(page, boundMs - Date.now());
    if (count !== null) return count;
  }
  return null;
}

/** Null also when the connection failed. */
function ask(page: Page, longestMs: number): Promise<number | null> {
  const query = new URLSearchParams({ page: page.url, userId: "checkpoint", v: "2", observe: "1" });
  return new Promise((resolve) => {
    const wire = new Wire(
      { port: page.server.port, path: `/ws?${query}` },
      {
        opened: () => {},
        refused: () => {},
        protocolPong: () => {},
        text(message) {
          const count = parseCount(message)?.count;
          if (count === undefined) return;
          resolve(count);
          wire.send(encodeClose(1000));
        },
        closeFrame: () => wire.destroy(),
        ended() {
          clearTimeout(timer);
          // A server that is not there refuses at once.
          setTimeout(() => resolve(null), 20);
        },
      },
    );
    const timer = setTimeout(() => wire.destroy(), longestMs);
  });
}
