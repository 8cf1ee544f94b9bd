/** The scripts that are being swapped. */
export class Swaps {
  /** The promises never reject. */
  readonly #underWay = new Map<string, Promise<void>>();
  /** How many there have been, with those that are under way. */
  begun = 0;

  /** Does `work`, which swaps these scripts. No two swaps of a script may be under way at once. */
  async run(names: Iterable<string>, work: () => Promise<void>): Promise<void> {
    this.begun++;
    const { promise, resolve } = Promise.withResolvers<void>();
    const swapped = [...names];
    for (const name of swapped) this.#underWay.set(name, promise);
    try {
      await work();
    } finally {
      for (const name of swapped) this.#underWay.delete(name);
      resolve();
    }
  }

  /** Waits until the script is not being swapped. */
  async over(name: string): Promise<void> {
    for (let swap = this.#underWay.get(name); swap !== undefined; swap = this.#underWay.get(name))
      await swap;
  }
}
