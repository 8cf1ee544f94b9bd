import type { Presence } from "../presence.ts";
import type { JoinMeter } from "../rules/join-meter.ts";
import { reportIntervalMs } from "../rules/report-interval.ts";
import { isMisplaced, shardOf } from "../rules/shard-of.ts";
import { Arrivals } from "./arrivals.ts";
import type { Layout } from "./layout.ts";
import { Mover } from "./mover.ts";
import {
  type Peer,
  type Release,
  type Stamp,
  Stamps,
  type Statement,
  type View,
  answer,
  isNewer,
} from "./peer.ts";
import { Reporter } from "./reporter.ts";

export interface ShardOptions {
  readonly index: number;
  readonly presence: Presence;
  readonly joins: JoinMeter;
  /** Takes statements to the root. */
  readonly report: (statements: Statement[]) => Promise<View>;
  readonly peer: (index: number) => Peer;
  /** Is called when the page's total changed. */
  readonly announce: () => void;
}

/** One object of a page that is spread over several: what it knows of the page, and says of itself. */
export class Shard {
  readonly #options: ShardOptions;
  readonly #stamps = new Stamps();
  readonly #reporter: Reporter;
  readonly #mover: Mover;
  readonly #arrivals: Arrivals;
  #heard: Stamp | undefined;
  #layout: Layout | null = null;
  #total: number | null = null;

  constructor(options: ShardOptions) {
    const { presence, report } = options;
    const changed = (): void => this.changed();
    this.#options = options;
    this.#reporter = new Reporter({
      statement: () => this.statement(),
      send: report,
      receive: (view) => this.receive(view),
      // The root's own statements go nowhere.
      intervalMs: () => (options.index === 0 ? 0 : reportIntervalMs(this.#layout?.shards ?? 1)),
    });
    this.#mover = new Mover({ presence, changed });
    this.#arrivals = new Arrivals({
      changed,
      release: (from, visitors) => this.#release(from, visitors),
      exclusively: (work) => this.#reporter.exclusively(work),
    });
  }

  /** Distinct visitors on the page; null when the root has not said it yet. */
  get total(): number | null {
    return this.#total;
  }

  /** To be called when a connection came or went. */
  changed(): void {
    this.#reporter.changed();
  }

  /** @throws when the root cannot be reached */
  refresh(): Promise<void> {
    return this.#reporter.report();
  }

  /**
   * The layout for somebody who joins and takes the page to have `shards`; null when the root has
   * to be asked and cannot be reached.
   */
  async layoutFor(shards: number): Promise<Layout | null> {
    // A shard without connections is not kept informed.
    const isInformed = this.#options.presence.roster.connections > 0;
    if (isInformed && this.#layout?.shards === shards) return this.#layout;
    try {
      await this.refresh();
      return this.#layout;
    } catch (error) {
      console.error("the root could not be asked:", error);
      return null;
    }
  }

  /** To be called before the first connection of a visitor is counted. */
  arrive(visitor: string, nowMs: number): void {
    const { index, presence } = this.#options;
    if (this.#layout === null || this.#layout.from === null) return;
    const from = shardOf(visitor, this.#layout.from);
    if (from === index || presence.roster.tabsOf(visitor) > 0) return;
    this.#arrivals.add(visitor, from, nowMs);
  }

  /** @param arrived visitors who are to be counted, although they have not been released */
  statement(arrived: ReadonlySet<string> = new Set()): Statement {
    const { index, presence, joins } = this.#options;
    const { roster } = presence;
    let visitors = roster.visitors + this.#mover.held;
    for (const visitor of this.#arrivals.visitors()) {
      if (roster.tabsOf(visitor) > 0 && !arrived.has(visitor)) visitors--;
    }
    return {
      ...this.#stamps.next(),
      index,
      version: this.#layout?.version ?? -1,
      visitors,
      connections: roster.connections,
      misplaced: this.#mover.remaining,
      joins: joins.within(10, Date.now()),
    };
  }

  /**
   * What to answer the root with; null while a statement is on its way to it. One that overtook that
   * would be without the visitors who are being released.
   */
  state(): Statement | null {
    return this.#reporter.isBusy ? null : this.statement();
  }

  /** As {@link state}, once the root has been told what it was being told; null if again it is. */
  async stateWhenIdle(): Promise<Statement | null> {
    await this.#reporter.idle();
    return this.state();
  }

  /** Takes what the root says. */
  receive(view: View): void {
    if (!isNewer(view, this.#heard)) return;
    this.#heard = view;
    const known = this.#layout;
    this.#layout = view.layout;
    if (view.layout.version !== known?.version) this.#move(view.layout);
    if (view.layout.from === null) this.#arrivals.clear();
    if (view.total === null || view.total === this.#total) return;
    this.#total = view.total;
    this.#options.announce();
  }

  /** Another shard has visitors whom this one counts. */
  release({ layout, visitors, statement }: Release): Promise<void> {
    // One that has been under way since before the last split or merge is not about today's shards.
    if (this.#layout === null || layout.version >= this.#layout.version) {
      for (const visitor of visitors) {
        if (shardOf(visitor, layout.shards) !== this.#options.index) this.#mover.release(visitor);
      }
    }
    return this.#reporter.pass(statement);
  }

  async #release(from: number, visitors: readonly string[]): Promise<void> {
    const layout = this.#layout;
    if (layout === null) return;
    const statement = this.statement(new Set(visitors));
    await answer(this.#options.peer(from).release({ layout, visitors, statement }));
  }

  #move({ shards }: Layout): void {
    const { index, presence } = this.#options;
    this.#arrivals.clear();
    const misplaced: WebSocket[] = [];
    for (const [socket, connection] of presence.roster.entries()) {
      if (isMisplaced(connection, index, shards)) misplaced.push(socket);
    }
    this.#mover.start(misplaced);
  }
}
