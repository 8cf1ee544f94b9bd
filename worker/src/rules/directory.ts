/** What a site's directory knows of a page. */
export interface Listing {
  /** At least 1. */
  readonly count: number;
  /** When the page last said so, in milliseconds since the epoch. */
  readonly heardMs: number;
}

/** A page that was not heard of for this long is asked. */
export const UNHEARD_MS = 600_000;

export interface UnheardOptions {
  readonly nowMs: number;
  readonly limit: number;
}

/** Pages that were not heard of for ten minutes, those of which longest not first. */
export function unheardPages(
  pages: Iterable<readonly [page: string, listing: Listing]>,
  { nowMs, limit }: UnheardOptions,
): string[] {
  const unheard: [page: string, heardMs: number][] = [];
  for (const [page, { heardMs }] of pages) {
    // What was heard in the future was heard before the clock was set back.
    if (Math.abs(nowMs - heardMs) >= UNHEARD_MS) unheard.push([page, heardMs]);
  }
  return unheard
    .toSorted(([, a], [, b]) => a - b)
    .slice(0, limit)
    .map(([page]) => page);
}

/** The most visited pages, those first; by name where they are equal. */
export function topPages(
  pages: Iterable<readonly [page: string, listing: Listing]>,
  limit: number,
): { readonly page: string; readonly count: number }[] {
  return Array.from(pages, ([page, { count }]) => ({ page, count }))
    .toSorted((a, b) => b.count - a.count || (a.page < b.page ? -1 : 1))
    .slice(0, limit);
}
