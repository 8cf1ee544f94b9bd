import { askCount } from "./own-count.ts";
import { type Page, nameOf } from "./page.ts";
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
  page.disturb();
  for (const tab of page.tabs.values()) tab.resume();
  while (page.fault === null && Date.now() - startedMs < LONGEST_MS) {
    const tookMs = await settle(page);
    if (tookMs === null) return null;
    const disturbedAtMs = page.disturbedAtMs;
    const problem = await confirm(page);
    if (problem === null) return tookMs;
    // A client was dropped for a reason, or another page had the server deployed again: once more.
    if (disturbedAtMs !== page.disturbedAtMs) continue;
    // What was on its way when the last thing happened may still arrive, and be told.
    const isLate = Date.now() - disturbedAtMs > page.options.terms.lagMs;
    if (isLate || problem.kind !== "did not stay") page.fail(problem.kind, problem.message);
  }
  page.fail("not done", `the page was not quiet within ${LONGEST_MS} ms`);
  return null;
}

interface Problem {
  readonly kind: "wrong count" | "wrong own count" | "did not stay" | "not done";
  readonly message: string;
}

async function settle(page: Page): Promise<number | null> {
  while (page.fault === null) {
    const problems = problemsOf(page);
    const nowMs = Date.now();
    const sinceMs = latestMs(page);
    if (problems.length === 0) return Math.max(0, nowMs - sinceMs);
    const boundMs = sinceMs + page.options.terms.settleMs;
    if (nowMs >= boundMs) {
      const worst = problems.find(({ kind }) => kind === "wrong count") ?? problems[0];
      page.fail(worst?.kind ?? "not done", problems.map(({ message }) => message).join("; "));
    } else await page.nextChange(sinceMs > nowMs ? sinceMs : boundMs);
  }
  return null;
}

/** The time from which on there is nothing left to wait for but the server. */
function latestMs(page: Page): number {
  let latest = page.disturbedAtMs;
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
  const { closesContractClients } = page.options.terms;
  const isWatched = closesContractClients && tab.options.client === "contract";
  return tab.state === "silent" && isWatched && tab.silence !== "deaf" && !tab.hasSeenClose;
}

/** What keeps the page from being right and quiet. */
function problemsOf(page: Page): Problem[] {
  const { count } = page.truth;
  const problems: Problem[] = [];
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

function problemOf(page: Page, tab: Tab, count: number): Problem | null {
  const notDone = (message: string): Problem => ({
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
function surplusOf(page: Page): Problem[] {
  const { tabsPerVisitor } = page.options.terms;
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
async function confirm(page: Page): Promise<Problem | null> {
  const { stayMs, hasPings } = page.options.terms;
  const { count } = page.truth;
  const untilMs = Date.now() + stayMs;
  page.hold(count);
  while (Date.now() < untilMs && page.stray === null) await page.nextChange(untilMs);
  const own = hasPings && page.stray === null ? await askCount(page) : count;
  const stray = page.stray ?? problemsOf(page)[0]?.message;
  page.hold(null);
  if (stray !== undefined) return { kind: "did not stay", message: stray };
  if (own === count) return null;
  return { kind: "wrong own count", message: `the page says ${own}, not ${count}` };
}
