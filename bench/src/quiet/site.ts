import { setTimeout as wait } from "node:timers/promises";
import { startSubject } from "../subjects/subject.ts";
import { allClosed, becomeBrowser } from "./browser.ts";
import { Crowd } from "./crowd.ts";
import type { Phase } from "./figures.ts";
import { Probe } from "./probe.ts";
import { describe, watch } from "./watch.ts";

interface SiteOptions {
  /** Present at once, on average. */
  readonly visitors: number;
  readonly pages: number;
  /** How long one of them stays on a page, on average. */
  readonly visitMs: number;
  readonly measureMs: number;
  /**
   * Time over which the first visitors come, and again until what that stirred up is over: who was
   * moved to another object has joined there. @default 20_000
   */
  readonly settleMs?: number;
  /** A page is spread over more objects when one would hold more connections than this. @default 5_000 */
  readonly splitAtSockets?: number | undefined;
  /** Whether the site total is switched on. @default false */
  readonly hasSiteCount?: boolean;
  /** Takes a line about what goes on. @default nothing */
  readonly log?: (line: string) => void;
}

/** A site whose visitors come and go at random, measured. */
export interface SiteRun extends Phase {
  readonly visitors: number;
  readonly pages: number;
  readonly visitMinutes: number;
  readonly joins: number;
  readonly leaves: number;
  /** Visitors present, averaged over the time. */
  readonly meanVisitors: number;
  /** Whether in the end every visitor of every page had the right count. */
  readonly isRight: boolean;
}

/**
 * Measures the product with browser clients on many pages. Who comes picks a page at random and
 * stays for an exponentially distributed time; so the numbers are as in the model of the bill.
 */
export async function measureSite(options: SiteOptions): Promise<SiteRun> {
  const { visitors, pages, visitMs, measureMs, settleMs = 20_000, log = () => {} } = options;
  await using subject = await startSubject("ours", { settings: settingsOf(options) });
  becomeBrowser();
  const crowds = Array.from({ length: pages }, (_, index) => {
    const page = `https://quiet.example/page-${index}`;
    return new Crowd({ port: subject.port, page, clients: "product" });
  });
  const site = new Site(crowds, visitMs);
  await site.fill(visitors, settleMs);
  const stop = site.keepComing(visitors);
  await wait(settleMs);
  site.startTotals();
  const probe = await Probe.start(subject);
  await watch(measureMs, async () => log(describe(await probe.peek(), visitors)));
  const totals = stop();
  const phase = await probe.next();
  await Promise.all(crowds.map((crowd) => crowd.agree()));
  log(`on all ${pages} pages everybody sees the right count`);
  const closed = allClosed();
  for (const crowd of crowds) crowd.leave();
  await closed;
  return { visitors, pages, visitMinutes: visitMs / 60_000, ...totals, ...phase, isRight: true };
}

function settingsOf({ splitAtSockets, hasSiteCount = false }: SiteOptions): object {
  const limits = splitAtSockets === undefined ? {} : { splitAtSockets };
  return { limits, siteCount: hasSiteCount };
}

interface Totals {
  readonly joins: number;
  readonly leaves: number;
  readonly meanVisitors: number;
}

class Site {
  readonly #crowds: readonly Crowd[];
  readonly #visitMs: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #samples: number[] = [];
  #joins = 0;
  #leaves = 0;
  #present = 0;

  constructor(crowds: readonly Crowd[], visitMs: number) {
    this.#crowds = crowds;
    this.#visitMs = visitMs;
  }

  /** Brings the first visitors; they have as long to stay as any other, since that is memoryless. */
  async fill(visitors: number, spreadMs: number): Promise<void> {
    for (let done = 0; done < visitors; done++) {
      this.#add();
      await wait(spreadMs / visitors);
    }
  }

  startTotals(): void {
    this.#joins = this.#leaves = 0;
    this.#samples.length = 0;
  }

  /** Visitors come so often that there are as many as said. @returns ends that, and all leaving */
  keepComing(visitors: number): () => Totals {
    const samples = this.#samples;
    const sampling = setInterval(() => samples.push(this.#present), 1_000);
    const next = (): void => {
      this.#after(exponential(this.#visitMs / visitors), () => {
        this.#add();
        next();
      });
    };
    next();
    return () => {
      clearInterval(sampling);
      for (const timer of this.#timers) clearTimeout(timer);
      const sum = samples.reduce((total, sample) => total + sample, 0);
      const meanVisitors = samples.length === 0 ? visitors : sum / samples.length;
      return { joins: this.#joins, leaves: this.#leaves, meanVisitors };
    };
  }

  #add(): void {
    const visitor = this.#crowds[Math.floor(Math.random() * this.#crowds.length)]?.add();
    this.#joins++;
    this.#present++;
    this.#after(exponential(this.#visitMs), () => {
      visitor?.leave();
      this.#leaves++;
      this.#present--;
    });
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

/** A random time with this mean. */
function exponential(meanMs: number): number {
  return -Math.log(1 - Math.random()) * meanMs;
}
