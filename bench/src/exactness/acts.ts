import { heartbeatFrame } from "./beats.ts";
import type { Coverage } from "./coverage.ts";
import { BINARY, TEXT, encodeFrame, encodeHeader } from "./frames.ts";
import { labelOf } from "./labels.ts";
import type { Page } from "./page.ts";
import type { EvictOutcome } from "./server.ts";
import type { Garbage, Step } from "./steps.ts";
import type { Tab } from "./tab.ts";

/** Messages that one client sends at once when it floods the page: thrice its allowance. */
const FLOOD = 30;

/** Less than the handshake takes. */
const ABORT_AFTER_MS = 1;

/** The longest message that the platform takes has 32 MiB. */
const HUGE_BYTES = 33 * 1024 * 1024;

type StepOf<Name> = Extract<Step, { readonly do: Name }>;
type Join = StepOf<"join">;
type Abort = StepOf<"abort">;
type TabStep = Exclude<Extract<Step, { readonly tab: number }>, Join | Abort>;
type Ending = Exclude<TabStep, StepOf<"silence"> | StepOf<"garbage"> | StepOf<"flood">>;
type ServerStep = StepOf<"restart"> | StepOf<"redeploy"> | StepOf<"clock">;

/** Has a step happen, unless there is nobody for it to happen to. */
export function act(page: Page, step: Exclude<Step, StepOf<"check">>, coverage: Coverage): void {
  page.around.disturb();
  if (step.do === "join") return join(page, step, coverage);
  if (step.do === "abort") return abort(page, step, coverage);
  if ("tab" in step) {
    const tab = page.tabs.get(step.tab);
    if (tab !== undefined && tab.isHere && actOn(page, tab, step)) coverage.add(labelOf(step));
    return;
  }
  if (step.do === "sleep") return void sleep(page, step, coverage);
  page.during(actOnServer(page, step, coverage)).catch((error: unknown) => {
    page.fail("not done", `${step.do}: ${String(error)}`);
  });
}

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
function abort(page: Page, step: Abort, coverage: Coverage): void {
  if (page.tabs.has(step.tab)) return;
  const tab = page.join({ tab: step.tab, visitor: step.visitor, client: "ping" });
  setTimeout(() => {
    if (tab.state === "connecting") coverage.add(labelOf(step));
    tab.abort();
  }, ABORT_AFTER_MS);
  page.truth.silence(step.tab, Date.now() + page.terms.silenceEndsMs);
}

/** @returns whether it happened */
function actOn(page: Page, tab: Tab, step: TabStep): boolean {
  if (step.do === "silence") {
    const isConnected = tab.state !== "waiting";
    page.silence(tab, step.how);
    return isConnected;
  }
  if (step.do === "pause") return tab.pause();
  if (step.do === "resume") return tab.resume();
  if (step.do === "beat") return tab.beat();
  if (step.do === "garbage") return page.terms.isGuarded && sendGarbage(tab, step.what);
  if (step.do === "flood") return page.terms.isGuarded && flood(tab);
  return end(page, tab, step);
}

function end(page: Page, tab: Tab, step: Ending): boolean {
  const wasOpen = tab.state === "open";
  if (step.do === "kill") page.cutOff(tab, () => tab.kill(step.how));
  else if (step.do === "leave") page.end(tab, () => tab.leave());
  // One segment: the object gets both events at once.
  else page.end(tab, () => tab.leave(heartbeatFrame(tab.options)));
  return step.do !== "beatAndLeave" || wasOpen;
}

function sendGarbage(tab: Tab, what: Garbage): boolean {
  const isTaken = what === "text" || what === "json";
  if (!tab.send(GARBAGE_BYTES[what])) return false;
  if (!isTaken) tab.owesClose = true;
  tab.life.sent();
  return true;
}

const GARBAGE_BYTES: { readonly [what in Garbage]: Buffer } = {
  text: encodeFrame(TEXT, "hello"),
  json: encodeFrame(TEXT, '{"type":"count","count":99,"timestamp":0}'),
  binary: encodeFrame(BINARY, Buffer.from([1, 2, 3])),
  long: encodeFrame(TEXT, "x".repeat(9_000)),
  huge: Buffer.concat([encodeHeader(TEXT, HUGE_BYTES), Buffer.from("x")]),
  noise: Buffer.alloc(64, 0xff),
};

function flood(tab: Tab): boolean {
  const messages = Array.from({ length: FLOOD }, () => encodeFrame(TEXT, "hello"));
  if (!tab.send(Buffer.concat(messages))) return false;
  tab.owesClose = true;
  for (let number = 0; number < FLOOD; number++) tab.life.sent();
  return true;
}

async function actOnServer(page: Page, step: ServerStep, coverage: Coverage): Promise<void> {
  const { server } = page;
  if (step.do === "restart") return restart(page, step, coverage);
  if (step.do === "redeploy") await page.actOnServer(() => server.redeploy());
  else await page.actOnServer(() => server.stepClock(step.byMs));
  coverage.add(labelOf(step));
}

/** A busy object sleeps when it can, which nobody waits for. */
async function sleep(page: Page, step: StepOf<"sleep">, coverage: Coverage): Promise<void> {
  const outcome = await page.server.evict(page.objectName(step.shard ?? 0), "hibernate");
  addEviction(step, outcome, coverage);
}

async function restart(page: Page, step: StepOf<"restart">, coverage: Coverage): Promise<void> {
  page.around.beginCut();
  const outcome = await page.server.evict(page.objectName(step.shard ?? 0), "close");
  page.around.endCut();
  addEviction(step, outcome, coverage);
}

function addEviction(
  step: StepOf<"sleep"> | StepOf<"restart">,
  outcome: EvictOutcome,
  coverage: Coverage,
): void {
  if (outcome === "absent") return;
  coverage.add(outcome === "done" ? labelOf(step) : `${labelOf(step)} refused`);
  if (outcome === "done" && step.shard !== undefined) coverage.add(`${step.do} of a shard`);
}
