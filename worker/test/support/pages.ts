import { env } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import type { Bindings } from "./ask.ts";
import { ORIGIN } from "./visitor.ts";

/** A Worker whose pages have the counts that a test says, and which writes down who was asked. */
export class Pages {
  /** Count of a page by key; an error is thrown instead. @default 0 */
  readonly counts = new Map<string, number | Error>();
  /** Keys in the order in which their objects were asked. */
  readonly asked: string[] = [];
  /** Answers wait for this. */
  gate: Promise<void> = Promise.resolve();
  readonly #env: Env;

  constructor(bindings: Bindings = {}) {
    const PAGE_COUNTER = { getByName: (key: string) => ({ count: () => this.#count(key) }) };
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the namespace is a fake
    this.#env = { ...env, ...bindings, PAGE_COUNTER } as unknown as Env;
  }

  /** @param headers Origin is {@link ORIGIN} unless it is given, as null for none */
  get(
    path: string,
    { origin = ORIGIN, method = "GET" }: { origin?: string | null; method?: string } = {},
  ): Promise<Response> {
    const headers: HeadersInit = origin === null ? {} : { Origin: origin };
    return worker.fetch(new Request(`https://tracker.test${path}`, { method, headers }), this.#env);
  }

  async #count(key: string): Promise<number> {
    this.asked.push(key);
    await this.gate;
    const count = this.counts.get(key) ?? 0;
    if (count instanceof Error) throw count;
    return count;
  }
}
