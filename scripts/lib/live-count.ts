import { parseCount } from "@visitor-tracker/protocol";
import { WebSocket } from "ws";

const RETRY_MS = 1_000;

export interface LiveCountOptions {
  /** Called with each count, and with null while there is no connection. */
  onCount: (count: number | null) => void;
}

/**
 * Watches the count of a page as an observer, who is not counted, and connects again when a
 * deployment ends the connection.
 * @param wsUrl where clients open their WebSockets, the `wsUrl` output
 * @param page absolute URL of the page
 */
export function watchCount(
  wsUrl: string,
  page: string,
  { onCount }: LiveCountOptions,
): { close(): void } {
  let closed = false;
  let socket: WebSocket | null = null;
  let retry: NodeJS.Timeout | undefined;
  const url = new URL(wsUrl);
  url.search = new URLSearchParams({
    page,
    userId: "npm-run-local",
    observe: "1",
    v: "2",
  }).toString();
  const connect = (): void => {
    socket = new WebSocket(url, { origin: new URL(page).origin });
    socket.on("message", (data: Buffer) => {
      const message = parseCount(data.toString());
      if (message !== null) onCount(message.count);
    });
    // A refused connection is closed, too: the close event says when to try again.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (closed) return;
      onCount(null);
      retry = setTimeout(connect, RETRY_MS);
    });
  };
  connect();
  return {
    close() {
      closed = true;
      clearTimeout(retry);
      socket?.terminate();
    },
  };
}
