import type { VisitorCounterOptions, VisitorState } from "../../../client/src/index.ts";

/** A state that the page was told of, with the time in milliseconds since the epoch. */
interface Heard extends VisitorState {
  readonly atMs: number;
}

declare global {
  interface Window {
    /** Every state so far. */
    heard: Heard[];
    /** When the page was last hidden. */
    hiddenMs: number | undefined;
    /** When the page came back from the back/forward cache. */
    restoredMs: number | undefined;
    /** Ends the visit. */
    leave: () => void;
    /** Exceptions that nobody caught. Kept by the page's shell, from before any script. */
    uncaught: string[];
    /** What was given to `console.warn`. */
    warnings: string[];
    /** Addresses of the WebSockets that were asked for. */
    asked: string[];
  }
}

/** What the page's address asks for, as `?with=<JSON>`. */
export function pageOptions(): VisitorCounterOptions {
  const options: VisitorCounterOptions = JSON.parse(
    new URLSearchParams(location.search).get("with") ?? "{}",
  );
  return options;
}

export function record({ count, status }: VisitorState): void {
  const atMs = performance.timeOrigin + performance.now();
  window.heard.push({ atMs, count, status });
}

window.heard = [];
document.addEventListener("visibilitychange", () => {
  if (document.hidden) window.hiddenMs = performance.timeOrigin + performance.now();
});
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) window.restoredMs = performance.timeOrigin + performance.now();
});
