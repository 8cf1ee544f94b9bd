import type { Instance } from "./adapter.ts";
import type { TailDelivery } from "./tail-worker.ts";
import type { RunnableScript, ScheduledEvent, ScheduledResult, ScriptAddress } from "./types.ts";

/** The scripts that share one workerd, and the requests that are under way in it. */
export class Unit {
  scripts: readonly RunnableScript[];
  readonly #instance: Instance;
  #underWay = 0;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(scripts: readonly RunnableScript[], instance: Instance) {
    this.scripts = scripts;
    this.#instance = instance;
  }

  get names(): readonly string[] {
    return this.scripts.map(({ name }) => name);
  }

  async address(name: string): Promise<ScriptAddress | null> {
    const address = await this.#instance.address(name);
    return address === null ? null : { ...address, begin: () => this.#begin() };
  }

  /** Resolves when no request is under way, or after this time. */
  async drained(limitMs: number): Promise<void> {
    if (this.#underWay === 0) return;
    this.#idle ??= Promise.withResolvers();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limitMs);
    await Promise.race([this.#idle.promise, promise]);
    clearTimeout(timer);
  }

  async update(scripts: readonly RunnableScript[]): Promise<void> {
    this.scripts = scripts;
    await this.#instance.update(scripts);
  }

  get isTraceable(): boolean {
    return this.#instance.isTraceable;
  }

  setTraced(isTraced: boolean): Promise<void> {
    return this.#instance.setTraced(isTraced);
  }

  /** A swap waits for it, as for a request. */
  async runScheduled(name: string, event: ScheduledEvent): Promise<ScheduledResult> {
    const end = this.#begin();
    try {
      return await this.#instance.runScheduled(name, event);
    } finally {
      end();
    }
  }

  /** A swap waits for it, as for a request. */
  async deliverTail(name: string, delivery: TailDelivery): Promise<void> {
    const end = this.#begin();
    try {
      await this.#instance.deliverTail(name, delivery);
    } finally {
      end();
    }
  }

  dispose(): Promise<void> {
    return this.#instance.dispose();
  }

  #begin(): () => void {
    this.#underWay++;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      if (--this.#underWay > 0) return;
      this.#idle?.resolve();
      this.#idle = null;
    };
  }
}

/** Throws when a script of these units implements the namespace. */
export function requireUnused(units: Iterable<Unit>, namespaceId: string): void {
  const owner = [...units]
    .flatMap(({ scripts }) => scripts)
    .find(({ namespaces }) => namespaces.some(({ id }) => id === namespaceId));
  if (owner === undefined) return;
  throw new Error(
    `Namespace ${namespaceId} is still implemented by script '${owner.name}'; deploy it without or remove it.`,
  );
}
