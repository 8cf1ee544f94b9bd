import { CLOSE_MOVED } from "@visitor-tracker/protocol";
import { Visitor, type VisitorOptions } from "./visitor.ts";

/** A visitor who comes back when moved to another shard, and writes down everything it is told. */
export class Follower {
  readonly options: VisitorOptions;
  moves = 0;
  #visitor: Visitor;
  readonly #visitors: Visitor[] = [];

  private constructor(options: VisitorOptions, visitor: Visitor) {
    this.options = options;
    this.#visitor = visitor;
    this.#follow(visitor);
  }

  static async join(options: VisitorOptions): Promise<Follower> {
    const all = { userId: crypto.randomUUID(), ...options };
    return new Follower(all, await Visitor.join(all));
  }

  /** Over all its connections. */
  get counts(): (number | undefined)[] {
    return this.#visitors.flatMap(({ counts }) => counts);
  }

  /** The connection that it has at the moment. */
  get visitor(): Visitor {
    return this.#visitor;
  }

  /** Waits until the last that it was told is this count. */
  async sees(count: number): Promise<void> {
    while (this.counts.at(-1) !== count) {
      await Promise.race([this.#visitor.sees(count), this.#visitor.closed]);
    }
  }

  #follow(visitor: Visitor): void {
    this.#visitors.push(visitor);
    this.#visitor = visitor;
    void this.#comeBack(visitor);
  }

  async #comeBack(visitor: Visitor): Promise<void> {
    const [code] = await visitor.closed;
    if (code !== CLOSE_MOVED) return;
    this.#follow(await Visitor.join(this.options));
    this.moves++;
  }
}
