/** Messages that are remembered: more than any allowance. */
const KEPT = 100;

/** What a client has said on one connection, and what it knows to have reached the server. */
export class SignsOfLife {
  /** When it began to connect. */
  readonly sinceMs: number;
  readonly #pingsMs: number[] = [];
  readonly #messagesMs: number[] = [];
  #lastMs: number;
  #lastButOneMs: number;

  /** @param connectingMs to connect is a sign of life as well */
  constructor(connectingMs: number) {
    this.sinceMs = connectingMs;
    this.#lastMs = connectingMs;
    this.#lastButOneMs = connectingMs;
  }

  /**
   * When the server was last about to close this connection, it had had a sign of life no earlier
   * than this. Not the last that it answered: workerd answers pings past a close that is on its way.
   */
  get provenMs(): number {
    return this.#lastButOneMs;
  }

  pinged(): void {
    this.#pingsMs.push(Date.now());
  }

  /** Pings are answered in turn. */
  ponged(): void {
    this.prove(this.#pingsMs.shift() ?? 0);
  }

  prove(sentMs: number): void {
    if (sentMs <= this.#lastMs) return;
    this.#lastButOneMs = this.#lastMs;
    this.#lastMs = sentMs;
  }

  /** Notes a message that wakes an object. */
  sent(): void {
    this.#messagesMs.push(Date.now());
    if (this.#messagesMs.length > KEPT) this.#messagesMs.shift();
  }

  /** Messages that may have reached the object since then. */
  messagesSince(ms: number): number {
    return this.#messagesMs.filter((sentMs) => sentMs >= ms).length;
  }
}
