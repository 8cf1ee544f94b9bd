/** Milliseconds since the epoch, with fractions, as pages say them too. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Something that tells when it has changed, so that nobody has to look again and again. */
export class Watched {
  readonly #waiting = new Set<() => void>();

  /** Resolves once it is so; rejects when it is not within `withinMs`. @param what for the message */
  async until(what: string, isSo: (this: void) => boolean, withinMs = 20_000): Promise<void> {
    if (isSo()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (isSo()) resolve();
    };
    const timer = setTimeout(
      () => reject(new Error(`${what}: not within ${withinMs} ms`)),
      withinMs,
    );
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  protected changed(): void {
    for (const look of this.#waiting) look();
  }
}
