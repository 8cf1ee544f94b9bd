/** The demo page: the real client, what it costs, and what happens when visitors come and go. */
import { CLOSE_STALE } from "@visitor-tracker/protocol";
import { createVisitorCounter, getVisitorId, type VisitorStatus } from "../../client/src/index.ts";
import { Crowd } from "./crowd.ts";
import { DropClock } from "./drop-clock.ts";
import { type Guest, Guests, randomId } from "./guests.ts";
import { type Line, withChange, withLine } from "./journal.ts";
import { waitMs } from "./pace.ts";
import { byId, jump, readSettings, write } from "./page.ts";
import { askWhy } from "./refusal.ts";
import { Traffic } from "./traffic.ts";
import { render } from "./view.ts";
import { type News, Visit } from "./visit.ts";
import { watch } from "./watch.ts";
import { duration, snippet } from "./words.ts";

const CROWD_SIZE = 100;

const settings = readSettings(document.body);
const endpoint = location.pathname;
const isOptedOut =
  ("globalPrivacyControl" in navigator && navigator.globalPrivacyControl === true) ||
  navigator.doNotTrack === "1";
const visitorId = getVisitorId();
const visit = new Visit(isOptedOut);
const clock = new DropClock();
let lines: readonly Line[] = [];
/** Whether a guest is to lose its network as soon as there is one with a connection. */
let isCutDue = false;
let frame: number | undefined;
let ticking: ReturnType<typeof setTimeout> | undefined;

const traffic = new Traffic(show);
watch(traffic);
const me = createVisitorCounter({ endpoint, visitorId });
const guests = new Guests({ endpoint, heard: hearGuest });
const crowd = new Crowd({
  join(heard) {
    const counter = createVisitorCounter({ endpoint, visitorId: randomId() });
    return counter.subscribe(() => heard(counter.getSnapshot().status));
  },
  waitMs: () => waitMs(traffic.attemptsAtMs, settings.upgradesPerMinute, Date.now()),
  ask: () => askWhy(endpoint, visitorId),
  changed: show,
});

/** Soon, and once for all that happens until then: a crowd hears hundreds of messages a second. */
function show(): void {
  if (isCutDue) cutOne();
  if (document.hidden) draw();
  else frame ??= requestAnimationFrame(draw);
}

function draw(): void {
  frame = undefined;
  render({
    state: me.getSnapshot(),
    visitorId,
    isOptedOut,
    settings,
    traffic,
    guests,
    crowd,
    clock,
    lines,
    isCutDue,
    dismiss,
  });
  const isTicking = clock.isRunning || crowd.nextAtMs !== undefined;
  if (isTicking) ticking ??= setTimeout(tick, 200);
}

function tick(): void {
  ticking = undefined;
  draw();
}

function tell(news: News): void {
  if (news === undefined) return;
  const nowMs = Date.now();
  if (typeof news === "string") lines = withLine(lines, news, nowMs);
  else lines = withChange(lines, news, nowMs);
}

function hearMe(): void {
  const state = me.getSnapshot();
  const nowMs = performance.now();
  const news = visit.hear(state, nowMs);
  if (typeof news === "object") {
    jump(byId("count"));
    if (news.to < news.from) clock.stop("goodbye", nowMs);
  }
  tell(news);
  if (state.status === "paused" && crowd.size > 0) {
    tell(`${crowd.here} of the crowd left with this tab`);
    crowd.dismiss();
  }
  show();
}

function hearGuest(guest: Guest, status: VisitorStatus): void {
  if (status === "retrying" && guest.cutAtMs !== undefined) {
    guest.noticedAtMs = performance.now();
    const took = duration(guest.noticedAtMs - guest.cutAtMs);
    tell(`${guest.name}’s own page noticed after ${took}: a ping without an answer`);
    // It would connect again and again, which a network that is cut does not let it.
    guest.leave();
  }
  show();
}

/** Cuts the last guest who is counted and has had a ping answered, once there is one. */
function cutOne(): void {
  const guest = [...guests.all].findLast(
    (each) => each.cutAtMs === undefined && traffic.roundTripMs(each.visitorId) !== undefined,
  );
  if (guest === undefined) return;
  isCutDue = false;
  guest.cutAtMs = performance.now();
  clock.start("silence", guest.cutAtMs);
  tell(`${guest.name} fell silent, without a goodbye`);
  void traffic.cut(guest.visitorId).then((code) => drop(guest, code));
}

/** The server has ended the connection of a guest whose network was cut. */
function drop(guest: Guest, code: number): void {
  const nowMs = performance.now();
  const took = duration(nowMs - (guest.cutAtMs ?? nowMs));
  if (code === CLOSE_STALE) {
    clock.stop("silence", nowMs);
    tell(`The server dropped ${guest.name} ${took} after its network was cut`);
  } else {
    clock.cancel();
    tell(`${guest.name}’s connection ended otherwise (${code}), ${took} after the cut`);
  }
  guests.remove(guest);
  show();
}

function dismiss(guest: Guest): void {
  clock.start("goodbye", performance.now());
  guests.remove(guest);
  show();
}

byId("tab").addEventListener("click", () => window.open(location.href, "_blank", "noopener"));
byId("add").addEventListener("click", () => {
  guests.add();
  show();
});
byId("crowd").addEventListener("click", () => {
  if (crowd.size === 0) return crowd.invite(CROWD_SIZE);
  clock.start("goodbye", performance.now());
  crowd.dismiss();
});
byId("cut").addEventListener("click", () => {
  isCutDue = true;
  if (guests.all.size === 0) guests.add();
  show();
});
document.addEventListener("visibilitychange", () => {
  tell(visit.look(document.hidden, performance.now()));
  show();
});
write(byId("snippet"), snippet((location.origin + location.pathname).replace(/\/$/, "")));
me.subscribe(hearMe);
hearMe();
