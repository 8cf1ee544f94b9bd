/** How often each kind of thing really happened. */
export class Coverage {
  readonly #times = new Map<string, number>();

  add(kind: string, times = 1): void {
    this.#times.set(kind, this.timesOf(kind) + times);
  }

  timesOf(kind: string): number {
    return this.#times.get(kind) ?? 0;
  }

  /** Of the kinds, those that never happened. */
  missing(kinds: Iterable<string>): string[] {
    return [...kinds].filter((kind) => this.timesOf(kind) === 0);
  }

  entries(): [kind: string, times: number][] {
    return [...this.#times].toSorted(([a], [b]) => a.localeCompare(b));
  }
}
