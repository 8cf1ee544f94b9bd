import { type Env, readConfig } from "./env.ts";
import { type Report, reportDueMs } from "./rules/report-due.ts";
import { stubByName } from "./stub.ts";

export interface SiteReporterOptions {
  /** The page's total now; null while it is not known. */
  readonly total: () => number | null;
  /** Tells the site's directory. May reject; the page then tries again. */
  readonly send: (count: number) => Promise<void>;
  /** Has {@link SiteReporter.onAlarm} called at that time, also when the object hibernates. */
  readonly wakeAt: (ms: number) => Promise<void>;
}

/** After a failed report, the next attempt. */
const RETRY_MS = 15_000;

/**
 * Tells a site's directory the total of one page. What it told is kept in memory alone: after
 * hibernation the first change is reported at once, and an alarm reports whatever the total is.
 */
export class SiteReporter {
  readonly #options: SiteReporterOptions;
  #last: Report | null = null;
  #isSending = false;
  #wakeMs: number | null = null;

  constructor(options: SiteReporterOptions) {
    this.#options = options;
  }

  /** When a report is due that had to wait; null for none. */
  get wakeMs(): number | null {
    return this.#wakeMs;
  }

  /** Whether the page's alarm may be needed by a report. */
  get mayNeedAlarm(): boolean {
    return this.#last === null || this.#wakeMs !== null || this.#isSending;
  }

  /** To be called when the total may have changed. Settles when nothing more is to be sent now. */
  async update(): Promise<void> {
    if (this.#isSending) return;
    const total = this.#options.total();
    if (total === null) return;
    const nowMs = Date.now();
    // After a failure the alarm tries again, and not every change.
    if (this.#last === null && this.#wakeMs !== null && this.#wakeMs > nowMs) return;
    const dueMs = reportDueMs(total, this.#last, nowMs);
    if (dueMs === null) return;
    if (dueMs <= nowMs) await this.#send(total);
    else await this.#wakeBy(dueMs);
  }

  /** To be called by the object's alarm, which is set no more then. */
  async onAlarm(): Promise<void> {
    this.#wakeMs = null;
    await this.update();
  }

  async #send(count: number): Promise<void> {
    this.#isSending = true;
    try {
      await this.#options.send(count);
      this.#last = { count, atMs: Date.now() };
    } catch (error) {
      console.error(error);
      // The directory may have heard it nevertheless.
      this.#last = null;
      await this.#wakeBy(Date.now() + RETRY_MS);
      return;
    } finally {
      this.#isSending = false;
    }
    await this.update();
  }

  async #wakeBy(ms: number): Promise<void> {
    if (this.#wakeMs !== null && this.#wakeMs <= ms) return;
    this.#wakeMs = ms;
    try {
      await this.#options.wakeAt(ms);
    } catch (error) {
      // For example when the day's rows of a free plan are written. The next change tries again.
      console.error(error);
      this.#wakeMs = null;
    }
  }
}

/**
 * The reporter of a page to the directory of its site; null when totals of sites are not kept.
 * @param key the page's
 */
export function reporterOf(
  key: string,
  env: Env,
  options: Pick<SiteReporterOptions, "total" | "wakeAt">,
): SiteReporter | null {
  const { settings } = readConfig(env);
  const site = URL.parse(key)?.origin;
  if (!settings.siteCount || site === undefined) return null;
  const send = (count: number) => stubByName(env.SITE_DIRECTORY, site, settings).report(key, count);
  return new SiteReporter({ ...options, send });
}
