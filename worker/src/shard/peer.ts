import type { Load } from "../rules/shard-count.ts";
import type { Layout } from "./layout.ts";

/** Puts what one object says in order. Another `start` is another life of it, which began later. */
export interface Stamp {
  readonly start: string;
  readonly seq: number;
}

export function isNewer({ start, seq }: Stamp, known: Stamp | undefined): boolean {
  return known === undefined || start !== known.start || seq > known.seq;
}

/** Stamps for all that one object says in one life. */
export class Stamps {
  readonly #start = crypto.randomUUID();
  #seq = 0;

  next(): Stamp {
    return { start: this.#start, seq: ++this.#seq };
  }
}

/** What a shard says of itself. */
export interface Statement extends Stamp, Load {
  readonly index: number;
  /** Of the layout that it knows. */
  readonly version: number;
  /** Distinct visitors whom no other shard counts. */
  readonly visitors: number;
  /** Connections and visitors that are on their way to another shard. */
  readonly misplaced: number;
}

/** What the root says of the page. */
export interface View extends Stamp {
  readonly layout: Layout;
  /** Distinct visitors on the page; null as long as the root does not know of every shard. */
  readonly total: number | null;
}

/** What a shard asks of the one where visitors were before. */
export interface Release {
  readonly layout: Layout;
  readonly visitors: readonly string[];
  /** Of the shard where they are now, with them in it. */
  readonly statement: Statement;
}

/** What the objects of a page ask of each other. */
export interface Peer {
  /** Of the root: takes statements, the sender's own first, all in one turn. */
  report(statements: Statement[]): Promise<View>;
  /** Of a shard: takes what the root says, and says how things are there, see `Shard.state`. */
  inform(view: View): Promise<Statement | null>;
  /** Of a shard: stops counting visitors, and sees to it that the root hears of both at once. */
  release(release: Release): Promise<void>;
  /**
   * Looks for who fell silent. The root has all shards do so, but the one that asks. A shard answers
   * when the root knows of whom it has dropped, by a report or by this answer.
   */
  sweep(by: number): Promise<Statement | null>;
}

/** Longest wait for a peer's answer. */
export const PEER_TIMEOUT_MS = 5_000;

/** @throws Error when there is no answer within {@link PEER_TIMEOUT_MS}, or what the peer threw */
export async function answer<T>(asked: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`a shard did not answer within ${PEER_TIMEOUT_MS} ms`));
    }, PEER_TIMEOUT_MS);
  });
  try {
    return await Promise.race([asked, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
