import type { VisitorState } from "../../client/src/index.ts";
import { costOf, dollars } from "./cost.ts";
import type { Crowd } from "./crowd.ts";
import type { DropClock } from "./drop-clock.ts";
import type { Guest, Guests } from "./guests.ts";
import type { Line } from "./journal.ts";
import { byId, element, type PageSettings, setDisabled, write } from "./page.ts";
import type { Traffic } from "./traffic.ts";
import { duration, peopleWords, statusWords } from "./words.ts";

const MOST_GUESTS = 8;
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** All that the page shows. */
export interface View {
  readonly state: VisitorState;
  /** The reader's own. */
  readonly visitorId: string;
  readonly isOptedOut: boolean;
  readonly settings: PageSettings;
  readonly traffic: Traffic;
  readonly guests: Guests;
  readonly crowd: Crowd;
  readonly clock: DropClock;
  /** Newest first. */
  readonly lines: readonly Line[];
  readonly isCutDue: boolean;
  /** Has a guest leave. */
  readonly dismiss: (guest: Guest) => void;
}

/** Writes into the page what has changed. */
export function render(view: View): void {
  renderCount(view);
  renderMeasures(view);
  renderCrowd(view);
  renderCut(view);
  renderGuests(view);
  renderLog(view.lines);
}

function renderCount({ state, visitorId, isOptedOut, traffic }: View): void {
  const number = byId("count");
  const text = state.count?.toLocaleString("en") ?? "–";
  write(number, text);
  number.toggleAttribute("data-long", text.length > 2);
  write(byId("people"), peopleWords(state.count ?? 0));
  const status = byId("status");
  status.dataset["state"] = state.status;
  write(status, statusWords(state.status, { reason: traffic.reason(visitorId), isOptedOut }));
}

function renderMeasures({ visitorId, traffic, clock }: View): void {
  const roundTripMs = traffic.roundTripMs(visitorId);
  if (roundTripMs !== undefined) write(byId("round-trip"), duration(roundTripMs));
  const { sent, received, usage } = traffic;
  const messages = [sent, received].map((count) => count.toLocaleString("en"));
  write(byId("messages"), messages.join(" / "));
  const cost = costOf(usage);
  write(byId("cost"), dollars(cost));
  if (usage.joins > 0) {
    const million = dollars((cost / usage.joins) * 1_000_000);
    write(byId("cost-note"), `a million visits: ${million}`);
  }
  const elapsedMs = clock.elapsedMs(performance.now());
  if (elapsedMs === undefined) return;
  write(byId("drop"), clock.isRunning ? `${Math.floor(elapsedMs / 1_000)} s` : duration(elapsedMs));
  const manner = clock.leaving === "silence" ? "after a silence" : "after a goodbye";
  write(byId("drop-note"), clock.isRunning ? "and still counted" : manner);
}

function renderCrowd({ crowd, settings }: View): void {
  const { size, here, nextAtMs, refusal } = crowd;
  const isComing = size > 0;
  write(byId("crowd-label"), isComing ? `Send the ${size} away` : "+100 visitors");
  let note = "Connections of this tab, one by one.";
  if (isComing) note = here === size ? `All ${size} are in.` : `${here} of ${size} are in.`;
  if (nextAtMs !== undefined) {
    const limit = settings.upgradesPerMinute.toLocaleString("en");
    note += refusal
      ? ` The server said: ${refusal}.`
      : ` The server lets ${limit} in a minute from one address.`;
    note += ` The next comes in ${Math.ceil(Math.max(0, nextAtMs - Date.now()) / 1_000)} s.`;
  }
  write(byId("crowd-note"), note);
}

function renderCut({ clock, isCutDue, settings }: View): void {
  const isSilent = clock.isRunning && clock.leaving === "silence";
  setDisabled("cut", isCutDue || isSilent);
  const stale = `${settings.staleAfterMs / 1_000} s`;
  const note = isSilent
    ? `This tab plays it: no ping and no goodbye is sent. Who is silent for ${stale} is dropped when the server next looks around.`
    : "No goodbye: when will the server notice?";
  write(byId("cut-note"), note);
}

const ITEMS = new Map<Guest, HTMLElement>();

function renderGuests({ guests, dismiss }: View): void {
  setDisabled("add", guests.all.size >= MOST_GUESTS);
  for (const [guest, item] of ITEMS) {
    if (guests.all.has(guest)) continue;
    item.remove();
    ITEMS.delete(guest);
  }
  for (const guest of guests.all) {
    const item = ITEMS.get(guest) ?? guestItem(guest, dismiss);
    if (!ITEMS.has(guest)) byId("guests").append(item);
    ITEMS.set(guest, item);
    const [label, leave] = item.children;
    if (label instanceof HTMLElement) write(label, `${guest.name}: ${guestWords(guest)}`);
    leave?.toggleAttribute("hidden", guest.cutAtMs !== undefined);
  }
}

function guestItem(guest: Guest, dismiss: (guest: Guest) => void): HTMLElement {
  const item = element("li", "");
  const leave = element("button", "Leave");
  leave.setAttribute("type", "button");
  leave.setAttribute("aria-label", `Leave: ${guest.name}`);
  leave.addEventListener("click", () => dismiss(guest));
  item.append(element("span", ""), leave);
  return item;
}

function guestWords({ counter, cutAtMs, noticedAtMs }: Guest): string {
  if (noticedAtMs !== undefined) return "cut off, and knows it";
  if (cutAtMs !== undefined) return "cut off, and does not know it yet";
  return statusWords(counter.getSnapshot().status, { isOptedOut: false }).toLowerCase();
}

let shown: readonly Line[] = [];

function renderLog(lines: readonly Line[]): void {
  if (lines === shown) return;
  shown = lines;
  const items = lines.map(({ atMs, text }) => {
    const item = element("li", "");
    item.append(element("time", TIME.format(atMs)), element("span", text));
    return item;
  });
  byId("log").replaceChildren(...items);
}
