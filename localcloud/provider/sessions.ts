import { ApiClient } from "./api/client.ts";
import type { RetryPolicy } from "./api/retry.ts";
import type { ProviderConfig } from "./config.ts";
import { ProviderError } from "./errors.ts";

interface Session {
  abort: AbortController;
  config: ProviderConfig | null;
  api: ApiClient | null;
}

/** Connections kept in mind; the engine opens one for each provider resource of each run. */
const MAX_SESSIONS = 200;

/**
 * What each engine connection has configured. A plugin process serves one provider resource; this
 * server serves every one that attaches, so it tells them apart by their connection.
 */
export class Sessions {
  readonly #byPeer = new Map<string, Session>();
  readonly #policy: RetryPolicy | undefined;

  constructor(options: { policy?: RetryPolicy | undefined } = {}) {
    this.#policy = options.policy;
  }

  /** Remembers the configuration that the connection's later calls use. */
  configure(peer: string, config: ProviderConfig): void {
    const session = this.#open(peer);
    // Names are ports, which the system gives again: a cancelled one may have been another connection.
    if (session.abort.signal.aborted) session.abort = new AbortController();
    session.config = config;
    session.api = new ApiClient(config, { policy: this.#policy });
  }

  /** The connection's API. Throws when nothing was configured. */
  api(peer: string): ApiClient {
    const api = this.#byPeer.get(peer)?.api ?? this.#onlyApi();
    if (api !== null) return api;
    throw new ProviderError("the provider was not configured before it was used");
  }

  /** Aborted by {@link cancel} for this connection. */
  signal(peer: string): AbortSignal {
    return this.#open(peer).abort.signal;
  }

  /** Ends every wait and request of the connection, and those to come until it is configured again. */
  cancel(peer: string): void {
    this.#open(peer).abort.abort();
  }

  /** {@link cancel} for all connections. */
  cancelAll(): void {
    for (const session of this.#byPeer.values()) session.abort.abort();
  }

  #open(peer: string): Session {
    const known = this.#byPeer.get(peer);
    if (known !== undefined) return known;
    const session: Session = { abort: new AbortController(), config: null, api: null };
    this.#byPeer.set(peer, session);
    const [oldest] = this.#byPeer.keys();
    if (this.#byPeer.size > MAX_SESSIONS && oldest !== undefined) this.#byPeer.delete(oldest);
    return session;
  }

  /** A connection that was lost comes back under another name: safe while all mean the same. */
  #onlyApi(): ApiClient | null {
    const configured = [...this.#byPeer.values()].filter(({ config }) => config !== null);
    const distinct = new Set(configured.map(({ config }) => JSON.stringify(config)));
    return distinct.size === 1 ? (configured[0]?.api ?? null) : null;
  }
}
