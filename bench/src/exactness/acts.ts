import type { Coverage } from "./coverage.ts";
import { BINARY, CLOSE, TEXT, encodeClose, encodeFrame, encodeHeader } from "./frames.ts";
import { labelOf } from "./labels.ts";
import type { Page } from "./page.ts";
import type { Garbage, Step } from "./steps.ts";
import type { Tab } from "./tab.ts";

/** Messages that one client sends at once when it floods the page: thrice its allowance. */
const FLOOD = 30;

/** Less than the handshake takes. */
const ABORT_AFTER_MS = 1;

/** The longest message that the platform takes has 32 MiB. */
const HUGE_BYTES = 33 * 1024 * 1024;

type TabStep = Extract<Step, { readonly tab: number }>;

/** Has a step happen, unless there is nobody for it to happen to. */
export function act(page: Page, step: Step, coverage: Coverage): void {
  page.around.disturb();
  if (step.do === "join") return join(page, step, coverage);
  if (step.do === "abort") return abort(page, step, coverage);
  if ("tab" in step) {
    const tab = page.tabs.get(step.tab);
    if (tab !== undefined && tab.isHere && actOn(page, tab, step)) coverage.add(labelOf(step));
    return;
  }
  void page.during(actOnServer(page, step, coverage)).catch((error: unknown) => {
    page.fail("not done", `${step.do}: ${String(error)}`);
  });
}

type Join = Extract<Step, { readonly do: "join" }>;

function join(page: Page, step: Join, coverage: Coverage): void {
  if (page.tabs.has(step.tab)) return;
  coverage.add(labelOf(step));
  const { tabsPerVisitor } = page.terms;
  let tabs = 0;
  for (const { options, state } of page.tabs.values()) {
    const isSame = options.visitor === step.visitor && !options.isObserver;
    if (isSame && (state === "open" || state === "silent")) tabs++;
  }
  if (tabs > 0 && !step.observe) coverage.add("join another tab");
  if (tabs >= (tabsPerVisitor ?? Infinity) && !step.observe) coverage.add("join beyond the limit");
  page.join(step);
}

/** The server may not hear of the end, so that to it the visitor is one who fell silent. */
function abort(page: Page, step: Extract<Step, { readonly do: "abort" }>, coverage: Coverage): void {
  if (page.tabs.has(step.tab)) return;
  const tab = page.join({ tab: step.tab, visitor: step.visitor, client: "ping" });
  setTimeout(() => {
    if (tab.state === "connecting") coverage.add(labelOf(step));
    tab.kill("rst");
  }, ABORT_AFTER_MS);
  page.truth.silence(step.tab, Date.now() + page.terms.silenceEndsMs);
}

/** @returns whether it happened */
function actOn(page: Page, tab: Tab, step: TabStep): boolean {
  switch (step.do) {
    case "leave":
    case "beatAndLeave":
    case "kill":
      return end(page, tab, step);
    case "silence": {
      const wasOpen = tab.state === "open";
      page.silence(tab, step.how);
      return wasOpen;
    }
    case "pause":
      return tab.pause();
    case "resume":
      return tab.resume();
    case "beat":
      return tab.beat();
    case "garbage":
      return page.terms.isGuarded && sendGarbage(tab, step.what);
    case "flood":
      return page.terms.isGuarded && flood(tab);
    case "join":
    case "abort":
      return false;
  }
}

function end(page: Page, tab: Tab, step: TabStep): boolean {
  const wasOpen = tab.state === "open";
  page.end(tab, () => {
    // A reset during the handshake is an abort, which has its own consequences.
    if (step.do === "kill") tab.kill(wasOpen ? step.how : "terminate");
    else if (step.do === "beatAndLeave") tab.beatAndLeave();
    else tab.leave(1000);
  });
  return step.do !== "beatAndLeave" || wasOpen;
}

function sendGarbage(tab: Tab, what: Garbage): boolean {
  const isTaken = what === "text" || what === "json";
  if (!tab.send(garbage(what))) return false;
  if (!isTaken) tab.owesClose = true;
  tab.life.sent();
  return true;
}

function garbage(what: Garbage): Buffer {
  switch (what) {
    case "text":
      return encodeFrame(TEXT, "hello");
    case "json":
      return encodeFrame(TEXT, '{"type":"count","count":99,"timestamp":0}');
    case "binary":
      return encodeFrame(BINARY, Buffer.from([1, 2, 3]));
    case "long":
      return encodeFrame(TEXT, "x".repeat(9_000));
    case "huge":
      return Buffer.concat([encodeHeader(TEXT, HUGE_BYTES), Buffer.from("x")]);
    case "noise":
      return Buffer.alloc(64, 0xff);
  }
}

function flood(tab: Tab): boolean {
  const messages = Array.from({ length: FLOOD }, () => encodeFrame(TEXT, "hello"));
  if (!tab.send(Buffer.concat(messages))) return false;
  tab.owesClose = true;
  for (let number = 0; number < FLOOD; number++) tab.life.sent();
  return true;
}

async function actOnServer(page: Page, step: Step, coverage: Coverage): Promise<void> {
  const { server } = page;
  switch (step.do) {
    case "sleep":
    case "restart": {
      const name = page.objectName(step.shard ?? 0);
      if (step.do === "restart") page.around.cut();
      const outcome = await server.evict(name, step.do === "sleep" ? "hibernate" : "close");
      if (step.do === "restart") page.around.cut();
      if (typeof outcome === "object") throw new Error(outcome.refused);
      coverage.add(outcome === "done" ? labelOf(step) : `${labelOf(step)} absent`);
      if (outcome === "done" && step.shard !== undefined) coverage.add(`${step.do} of a shard`);
      return;
    }
    case "redeploy":
      await page.actOnServer(() => server.redeploy());
      coverage.add("redeploy");
      return;
    case "clock":
      await page.actOnServer(() => server.stepClock(step.byMs));
      coverage.add(labelOf(step));
      return;
    default:
  }
}
