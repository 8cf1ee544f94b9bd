import { MAX_PAGES_PER_READ, READ_FRESH_MS } from "@visitor-tracker/protocol";
import { DurableObject } from "cloudflare:workers";
import { type Env, readConfig } from "./env.ts";
import { pageCounter } from "./page.ts";
import type { Reading } from "./reads/fresh-reads.ts";
import { type Listing, UNHEARD_MS, topPages, unheardPages } from "./rules/directory.ts";
import { isWithin } from "./rules/within.ts";

/** Visitors of a site: those of all its pages together, so one who is on two of them is two. */
export interface SiteCount {
  readonly count: number;
  /** The most visited pages, at most {@link MAX_PAGES_PER_READ}. */
  readonly pages: readonly { readonly page: string; readonly count: number }[];
}

/** A page that says the same again is written down again only after this. */
const RENEW_MS = 300_000;
/** Pages that are asked at one read, and how long that waits for them. */
const ASKED_PER_READ = 50;
const ASK_WITHIN_MS = 2_000;
/** A page that could not be asked is not asked again for this long. */
const ASK_AGAIN_MS = 60_000;

/**
 * The pages of one site on which somebody is; the object's name is the site's origin. Pages report
 * to it (`site-reporter.ts`), it keeps one row for each. It has no timer and no alarm: what only a
 * page could tell, it asks when somebody reads.
 */
export class SiteDirectory extends DurableObject<Env> {
  #cachedPages: Map<string, Listing> | null = null;
  #hasTable = false;
  #lastRead: Reading<SiteCount> | null = null;
  #reading: Promise<Reading<SiteCount>> | null = null;

  /** Notes a page's count. */
  report(page: string, count: number): void {
    const pages = this.#pages();
    const known = pages.get(page);
    const nowMs = Date.now();
    if (known?.count === count && isWithin(known.heardMs, nowMs, RENEW_MS)) {
      // Another object than before, by which an answer that comes late is told.
      pages.set(page, { ...known });
    } else if (count > 0) {
      pages.set(page, { count, heardMs: nowMs });
      this.#write(page, count, nowMs);
    } else if (pages.delete(page)) {
      this.ctx.storage.sql.exec("DELETE FROM pages WHERE page = ?", page);
    }
  }

  /** The site's total, at most {@link READ_FRESH_MS} old. */
  async read(): Promise<Reading<SiteCount>> {
    const last = this.#lastRead;
    if (last !== null && isWithin(last.readMs, Date.now(), READ_FRESH_MS)) return last;
    this.#reading ??= this.#readAnew().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readAnew(): Promise<Reading<SiteCount>> {
    const pages = this.#pages();
    const unheard = unheardPages(pages, { nowMs: Date.now(), limit: ASKED_PER_READ });
    const asked = Promise.all(unheard.map((page) => this.#ask(page)));
    if (unheard.length > 0) await Promise.race([asked, scheduler.wait(ASK_WITHIN_MS)]);
    let count = 0;
    for (const listing of pages.values()) count += listing.count;
    const value = { count, pages: topPages(pages, MAX_PAGES_PER_READ) };
    this.#lastRead = { value, readMs: Date.now() };
    return this.#lastRead;
  }

  /** Asks a page itself. A redeployment, for example, takes its visitors without a word. */
  async #ask(page: string): Promise<void> {
    const pages = this.#pages();
    const before = pages.get(page);
    if (before === undefined) return;
    try {
      const count = await pageCounter(this.env, readConfig(this.env), page).count();
      if (count === null) throw new Error(`a shard of ${page} cannot be reached`);
      // What it reported meanwhile may be newer than this answer.
      if (pages.get(page) === before) this.report(page, count);
    } catch (error) {
      console.error(error);
      if (pages.get(page) !== before) return;
      pages.set(page, { ...before, heardMs: Date.now() - UNHEARD_MS + ASK_AGAIN_MS });
    }
  }

  #pages(): Map<string, Listing> {
    if (this.#cachedPages !== null) return this.#cachedPages;
    const { sql } = this.ctx.storage;
    const pages = new Map<string, Listing>();
    const tables = sql.exec("SELECT name FROM sqlite_master WHERE name = 'pages'").toArray();
    this.#hasTable = tables.length > 0;
    if (this.#hasTable) {
      const rows = sql.exec<{ page: string; count: number; heardMs: number }>(
        "SELECT page, count, heardMs FROM pages",
      );
      for (const { page, count, heardMs } of rows) pages.set(page, { count, heardMs });
    }
    this.#cachedPages = pages;
    return pages;
  }

  #write(page: string, count: number, nowMs: number): void {
    const { sql } = this.ctx.storage;
    if (!this.#hasTable) {
      // Not before: a directory that is only read stores nothing.
      sql.exec(
        `CREATE TABLE pages (page TEXT PRIMARY KEY, count INTEGER NOT NULL, heardMs INTEGER NOT NULL)
         STRICT, WITHOUT ROWID`,
      );
      this.#hasTable = true;
    }
    sql.exec(
      `INSERT INTO pages VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET count = excluded.count, heardMs = excluded.heardMs`,
      page,
      count,
      nowMs,
    );
  }
}
