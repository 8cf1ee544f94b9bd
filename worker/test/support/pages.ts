import { env } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import type { Bindings } from "./ask.ts";
import { ORIGIN } from "./visitor.ts";

interface ReadOptions {
  /** Null for none. @default ORIGIN */
  readonly origin?: string | null;
  readonly method?: string;
  /** IP address; without one nothing is limited. */
  readonly address?: string;
}

/** A Worker whose pages have the counts that a test says, and which writes down who was asked. */
export class Pages {
  /** Count of a page by key; an error is thrown instead. @default 0 */
  readonly counts = new Map<string, number | Error>();
  /** Keys in the order in which their objects were asked. */
  readonly asked: string[] = [];
  /** Limits that were counted against, by address. */
  readonly limited: string[] = [];
  /** How often an address may have objects asked. */
  readsPerMinute = 1_000;
  /** Answers wait for this. */
  gate: Promise<void> = Promise.resolve();
  readonly #env: Env;

  constructor(bindings: Bindings = {}) {
    const PAGE_COUNTER = { getByName: (key: string) => ({ count: () => this.#count(key) }) };
    const READ_LIMIT = { limit: ({ key }: RateLimitOptions) => this.#limit(key) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the bindings are fakes
    this.#env = { ...env, ...bindings, PAGE_COUNTER, READ_LIMIT } as unknown as Env;
  }

  /** Reads as a page on {@link ORIGIN} does. */
  get(path: string, options: ReadOptions = {}): Promise<Response> {
    const { origin = ORIGIN, method = "GET", address } = options;
    const headers = {
      ...(origin === null ? {} : { Origin: origin }),
      ...(address === undefined ? {} : { "CF-Connecting-IP": address }),
    };
    return worker.fetch(new Request(`https://tracker.test${path}`, { method, headers }), this.#env);
  }

  async #limit(key: string): Promise<RateLimitOutcome> {
    this.limited.push(key);
    return { success: this.limited.filter((other) => other === key).length <= this.readsPerMinute };
  }

  async #count(key: string): Promise<number> {
    this.asked.push(key);
    await this.gate;
    const count = this.counts.get(key) ?? 0;
    if (count instanceof Error) throw count;
    return count;
  }
}
