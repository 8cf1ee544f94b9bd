import { expect, test } from "vitest";
import { sweepsPerSecond } from "../lib/bill/rates.ts";
import { siteCountUsage } from "../lib/bill/site-count.ts";
import { TRAFFIC_DEFAULTS } from "../lib/bill/traffic.ts";

// The rules by which pages report to their site's directory, played through with random visitors.

interface Page {
  readonly visitors: number;
  readonly minutes: number;
}

interface Played {
  readonly requestsADay: number;
  readonly rowsADay: number;
}

class Player {
  readonly #leaveS: number;
  readonly #joinS: number;
  readonly #sweepsPerSecond: number;
  /** xorshift32: the same numbers in each run. */
  #random = 2_463_534_242;
  #now = 0;
  #eventAt = Number.NEGATIVE_INFINITY;
  #count = 0;
  #last: { readonly count: number; readonly at: number } | null = null;
  #alarmAt = Number.POSITIVE_INFINITY;
  #requests = 0;
  #rows = 0;

  constructor({ visitors, minutes }: Page) {
    this.#leaveS = minutes * 60;
    this.#joinS = this.#leaveS / visitors;
    const joinsPerSecond = 1 / this.#joinS;
    this.#sweepsPerSecond = sweepsPerSecond({ visitors, joinsPerSecond, contractShare: 0 });
  }

  play(seconds: number): Played {
    while (this.#now < seconds) this.#step();
    const days = this.#now / 86_400;
    return { requestsADay: this.#requests / days, rowsADay: this.#rows / days };
  }

  /** The next of a join, a leave, a look for vanished visitors and the alarm. */
  #step(): void {
    const rates = [1 / this.#joinS, this.#count / this.#leaveS, this.#sweepsPerSecond];
    const whole = rates.reduce((sum, rate) => sum + rate, 0);
    const at = this.#now - Math.log(1 - this.#next()) / whole;
    if (at >= this.#alarmAt) {
      this.#wake(this.#alarmAt);
      this.#alarmAt = Number.POSITIVE_INFINITY;
      this.#requests++;
      this.#update();
      return;
    }
    this.#wake(at);
    let pick = this.#next() * whole;
    const kind = rates.findIndex((rate) => (pick -= rate) < 0);
    if (kind > 1) return;
    this.#count += kind === 0 ? 1 : -1;
    this.#update();
  }

  /** An object that was idle for ten seconds has forgotten what it reported. */
  #wake(at: number): void {
    if (at - this.#eventAt > 10) this.#last = null;
    this.#now = this.#eventAt = at;
  }

  #update(): void {
    const dueAt = this.#dueAt();
    if (dueAt === null) return;
    if (dueAt <= this.#now) {
      this.#requests++;
      this.#rows++;
      this.#last = { count: this.#count, at: this.#now };
    } else if (dueAt < this.#alarmAt) {
      this.#rows++;
      this.#alarmAt = dueAt;
    }
  }

  #dueAt(): number | null {
    const last = this.#last;
    if (last === null) return this.#now;
    if (last.count === this.#count) return null;
    if (last.count === 0 || this.#count === 0) return this.#now;
    const isBig = Math.abs(this.#count - last.count) >= 0.2 * last.count;
    return last.at + (isBig ? 15 : 60);
  }

  #next(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    return (this.#random >>> 0) / 2 ** 32;
  }
}

test.each<Page>([
  { visitors: 0.05, minutes: 3 },
  { visitors: 0.5, minutes: 5 },
  { visitors: 2, minutes: 5 },
  { visitors: 10, minutes: 5 },
  { visitors: 50, minutes: 5 },
  { visitors: 200, minutes: 5 },
])(
  "a page of $visitors visitors reports no more than is modelled, and two thirds of it",
  (page) => {
    const played = new Player(page).play(2_000_000 / Math.min(1, page.visitors));
    const { objectRequests, rowsWritten } = siteCountUsage({
      ...TRAFFIC_DEFAULTS,
      ...page,
      pages: 1,
      hasSiteCount: true,
    });
    for (const [value, modelled] of [
      [played.requestsADay, objectRequests],
      [played.rowsADay, rowsWritten],
    ] as const) {
      expect(value / modelled).toBeLessThan(1.05);
      expect(value / modelled).toBeGreaterThan(2 / 3);
    }
  },
);
