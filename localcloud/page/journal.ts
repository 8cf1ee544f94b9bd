import type { JournalEntry } from "../src/journal.ts";
import { JOURNAL } from "./control.ts";
import { byId, element, soft, timeOf } from "./dom.ts";

/** Rows that are kept: the newest. */
const MAX_ROWS = 500;

/** Shows requests as they come, newest first, and tells `onWrite` of those that may have changed something. */
export function followJournal(onWrite: () => void, onConnection: (isLost: boolean) => void): void {
  const rows = byId("entries", HTMLOListElement);
  const filter = byId("filter", HTMLInputElement);
  const pause = byId("pause", HTMLInputElement);
  const waiting: JournalEntry[] = [];
  const stream = new EventSource(JOURNAL);
  const show = (entry: JournalEntry): void => {
    rows.prepend(rowOf(entry, filter.value));
    if (rows.childElementCount > MAX_ROWS) rows.lastElementChild?.remove();
  };
  stream.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const entry: JournalEntry = JSON.parse(data);
    if (pause.checked) waiting.push(entry);
    else show(entry);
    if (waiting.length > MAX_ROWS) waiting.shift();
    if (entry.method !== "GET") onWrite();
  });
  stream.addEventListener("open", () => onConnection(false));
  stream.addEventListener("error", () => onConnection(true));
  pause.addEventListener("change", () => {
    for (const entry of waiting.splice(0)) show(entry);
  });
  filter.addEventListener("input", () => {
    for (const row of rows.children) {
      if (row instanceof HTMLElement)
        row.hidden = !matches(row.dataset["words"] ?? "", filter.value);
    }
  });
}

function rowOf(entry: JournalEntry, filter: string): HTMLElement {
  const path = entry.path.replace(/^\/client\/v4/, "");
  // Ids of 32 digits would leave no room for what a request is about.
  const short = path.replaceAll(/([0-9a-f]{4})[0-9a-f]{28}/g, "$1…");
  const words = [entry.method, path, entry.status, entry.userAgent].join(" ").toLowerCase();
  const failed = entry.status === 0 || entry.status >= 400;
  const row = element(
    "li",
    { "data-words": words },
    element(
      "details",
      {},
      element(
        "summary",
        {},
        soft(timeOf(entry.at)),
        element("strong", {}, entry.method),
        element(
          "span",
          { class: "path", title: path },
          short,
          entry.fault ? element("span", { class: "note" }, " fault") : "",
        ),
        element(
          "span",
          { class: failed ? "bad" : "good" },
          entry.status === 0 ? "lost" : String(entry.status),
        ),
      ),
      ...details(entry),
    ),
  );
  row.hidden = !matches(words, filter);
  return row;
}

function details(entry: JournalEntry): HTMLElement[] {
  const facts = `${entry.durationMs} ms, ${entry.requestBytes} B in, ${entry.responseBytes} B out, ${entry.userAgent}`;
  return [
    element("div", { class: "soft" }, entry.endpoint ?? "no endpoint has this path"),
    element("div", { class: "soft" }, facts),
    ...entry.errors.map(({ code, message }) =>
      element("div", { class: "bad" }, `${code} ${message}`),
    ),
    ...bodyOf("Request", entry.request),
    ...bodyOf("Response", entry.response),
  ];
}

function bodyOf(title: string, body: unknown): HTMLElement[] {
  if (body === null || body === undefined) return [];
  return [element("div", {}, title), element("pre", {}, JSON.stringify(body, null, 2))];
}

/** Each word of the filter is somewhere. */
function matches(words: string, filter: string): boolean {
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => words.includes(word));
}
