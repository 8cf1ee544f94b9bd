import type { Fault } from "./fault.ts";
import { nameOf } from "./name-of.ts";
import { askAsObserver, askByRead } from "./own-count.ts";
import type { Page } from "./page.ts";
import type { Tab } from "./tab.ts";

/** Longest that one checkpoint may take, whatever goes on around it. */
const LONGEST_MS = 60_000;

/**
 * Waits until everyone on the page is shown the truth at the same time, and it stays so; then asks
 * the page itself.
 * @returns how long that took after the last thing that happened, in milliseconds; null when it did
 * not come true in time, or something else went wrong: see `page.fault`
 */
export async function checkpoint(page: Page): Promise<number | null> {
  const startedMs = Date.now();
  page.around.disturb();
  for (const tab of page.tabs.values()) tab.resume();
  while (page.fault === null && Date.now() - startedMs < LONGEST_MS) {
    const tookMs = await settle(page);
    if (tookMs === null) return null;
    const { disturbedAtMs } = page.around;
    const settledMs = latestMs(page);
    const problem = await confirm(page);
    if (problem === null) return tookMs;
    // A client was dropped for a reason, or another page had the server deployed again: once more.
    if (disturbedAtMs !== page.around.disturbedAtMs) continue;
    // What was on its way when the last thing happened may still arrive, and be told.
    const isLate = Date.now() - settledMs > page.terms.lagMs;
    if (isLate || problem.kind !== "did not stay") page.fail(problem.kind, problem.message);
  }
  page.fail("not done", `the page was not quiet within ${LONGEST_MS} ms`);
  return null;
}

async function settle(page: Page): Promise<number | null> {
  while (page.fault === null) {
    const problems = problemsOf(page);
    const nowMs = Date.now();
    const sinceMs = latestMs(page);
    if (problems.length === 0) return Math.max(0, nowMs - sinceMs);
    const boundMs = sinceMs + page.terms.settleMs;
    if (nowMs >= boundMs) {
      const worst = problems.find(({ kind }) => kind === "wrong count") ?? problems[0];
      page.fail(worst?.kind ?? "not done", problems.map(({ message }) => message).join("; "));
    } else await page.nextChange(sinceMs > nowMs ? sinceMs : boundMs);
  }
  return null;
}

/** The time from which on there is nothing left to wait for but the server. */
function latestMs(page: Page): number {
  if (page.pending > 0) return Date.now();
  let latest = page.around.disturbedAtMs;
  for (const [number, tab] of page.tabs) {
    const endsMs = page.truth.silenceEndsMs(number);
    if (endsMs !== null && matters(page, tab)) latest = Math.max(latest, endsMs);
  }
  return latest;
}

/** Whether anybody can tell if the server has noticed that this tab fell silent. */
function matters(page: Page, tab: Tab): boolean {
  return mustBeClosed(page, tab) || page.truth.isCountedOnlyBy(tab.options.tab);
}

/** The server watches a contract client by an alarm, whoever else is there. */
function mustBeClosed(page: Page, tab: Tab): boolean {
  const { closesContractClients } = page.terms;
  const isWatched = closesContractClients && tab.options.client === "contract";
  return tab.state === "silent" && isWatched && tab.silence !== "deaf" && !tab.hasSeenClose;
}

/** What keeps the page from being right and quiet. */
function problemsOf(page: Page): Fault[] {
  const { count } = page.truth;
  const problems: Fault[] = [];
  let watchers = 0;
  for (const tab of page.tabs.values()) {
    if (tab.isHere) watchers++;
    const problem = problemOf(page, tab, count);
    if (problem !== null) problems.push(problem);
  }
  if (watchers === 0 && Date.now() < latestMs(page)) {
    problems.push({ kind: "not done", message: "nobody is there to see the silent leave" });
  }
  if (page.pending > 0) {
    problems.push({ kind: "not done", message: `${page.pending} acts have no end` });
  }
  return [...problems, ...surplusOf(page)];
}

function problemOf(page: Page, tab: Tab, count: number): Fault | null {
  const notDone = (message: string): Fault => ({
    kind: "not done",
    message: `${nameOf(tab)} ${message}`,
  });
  if (tab.state === "connecting" || tab.state === "waiting") return notDone("is not connected");
  if (tab.state === "leaving") return notDone("has no answer to its close");
  if (mustBeClosed(page, tab)) return notDone("fell silent unnoticed");
  if (tab.state !== "open") return null;
  if (tab.owesClose) return notDone("was not closed for what it sent");
  if (tab.lastCount === count) return null;
  const told = tab.lastCount === null ? "no count" : String(tab.lastCount);
  return { kind: "wrong count", message: `${nameOf(tab)} was told ${told}, not ${count}` };
}

/** Visitors with more tabs than the server says it keeps. */
function surplusOf(page: Page): Fault[] {
  const { tabsPerVisitor } = page.terms;
  if (tabsPerVisitor === null) return [];
  const tabs = new Map<number, number>();
  for (const { state, options } of page.tabs.values()) {
    if (state !== "open" || options.isObserver) continue;
    tabs.set(options.visitor, (tabs.get(options.visitor) ?? 0) + 1);
  }
  return [...tabs]
    .filter(([, number]) => number > tabsPerVisitor)
    .map(([visitor, number]) => ({
      kind: "not done",
      message: `visitor ${visitor} holds ${number} tabs, of ${tabsPerVisitor} allowed`,
    }));
}

/** Whether the truth stays, and the page itself knows it. */
async function confirm(page: Page): Promise<Fault | null> {
  const { count } = page.truth;
  const { witness } = page;
  const untilMs = Date.now() + page.terms.stayMs;
  witness.hold(count);
  while (Date.now() < untilMs && witness.stray === null) await page.nextChange(untilMs);
  const own = page.terms.hasPings && witness.stray === null ? await askItself(page, count) : null;
  const stray = witness.stray ?? problemsOf(page)[0]?.message;
  witness.hold(null);
  return stray === undefined ? own : { kind: "did not stay", message: stray };
}

async function askItself(page: Page, count: number): Promise<Fault | null> {
  const kind = "wrong own count";
  // An object that has nobody to tell hears the total of its page when somebody comes to it.
  const observed = await askAsObserver(page, count, page.terms.shards > 1 ? page.terms.lagMs : 0);
  if (observed !== count) return { kind, message: `an observer is told ${observed}, not ${count}` };
  const read = await askByRead(page, count);
  return read === count ? null : { kind, message: `/count says ${read}, not ${count}` };
}
