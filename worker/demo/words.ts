import type { VisitorStatus } from "../../client/src/index.ts";

const PLURALS = new Intl.PluralRules("en");

/** What stands below the number. */
export function peopleWords(count: number): string {
  return PLURALS.select(count) === "one" ? "person is here now" : "people are here now";
}

export interface StatusContext {
  /** What the server said last when it ended or refused this visitor's connection, if it did. */
  readonly reason?: string | undefined;
  /** Whether the browser asks sites not to track its user. */
  readonly isOptedOut: boolean;
}

const STATUS_WORDS: { readonly [status in VisitorStatus]: string } = {
  idle: "Not started",
  connecting: "Connecting",
  live: "Live",
  retrying: "Connection lost, trying again",
  paused: "Paused while this tab is hidden",
  stopped: "Refused",
};

/** The client's status as a sentence for people. */
export function statusWords(status: VisitorStatus, { reason, isOptedOut }: StatusContext): string {
  const words = STATUS_WORDS[status];
  if (status === "live" && isOptedOut) return `${words}; your browser asks not to be counted`;
  if (status !== "stopped") return words;
  return `${words}: ${reason ?? "the browser’s console says why"}`;
}

/** A length of time for people: "0.6 ms", "31 ms", "4.2 s", "2 min 5 s". */
export function duration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** What a site adds to show the count. @param base address of the demo page, without `/` at its end */
export function snippet(base: string): string {
  return [
    `<script src="${base}/live.js" async></script>`,
    '<visitor-count one="{} person is here" other="{} people are here"></visitor-count>',
  ].join("\n");
}
