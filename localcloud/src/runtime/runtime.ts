import { rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import { messageOf } from "../lib/unknown.ts";
import { type InstanceOptions, checkScripts, startInstance } from "./adapter.ts";
import { byName, components, connectedScripts } from "./component.ts";
import type { TraceReport } from "./desk.ts";
import { createRuntimeLog, type RuntimeLog } from "./log.ts";
import { type Prober, startProber } from "./probe.ts";
import { type Reaper, startReaper } from "./reaper.ts";
import { listStoredObjects } from "./stored-objects.ts";
import { Swaps } from "./swaps.ts";
import { createTailFeed } from "./tail-feed.ts";
import type {
  ProbeResult,
  RunnableScript,
  Runtime,
  ScheduledEvent,
  ScheduledResult,
  ScriptAddress,
  StoredObject,
  Trace,
} from "./types.ts";
import { Unit, requireUnused } from "./unit.ts";

export interface RuntimeOptions {
  /**
   * Where everything is kept: `do/<namespace id>/` holds the objects' storage, `runtime.log` what scripts
   * and workerd print. No two runtimes may share it.
   */
  dir: string;
}

/** How long a swap waits for requests that are under way. What takes longer is cut. */
const DRAIN_MS = 3_000;

/**
 * Starts no script yet, but the workerd that uploads are tried in, so that the first upload need not
 * wait for it.
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  return new WorkerdRuntime(options);
}

class WorkerdRuntime implements Runtime {
  readonly #objectsDir: string;
  readonly #scratchDir: string;
  readonly #log: RuntimeLog;
  readonly #reaper: Reaper = startReaper();
  readonly #prober: Prober;
  readonly #units = new Map<string, Unit>();
  readonly #swaps = new Swaps();
  #last: Promise<unknown> = Promise.resolve();
  readonly #feed = createTailFeed(
    async (consumer, delivery) => (await this.#unit(consumer))?.deliverTail(consumer, delivery),
    (text) => this.#log.write(text),
  );
  #listener: ((trace: Trace) => void) | null = null;
  #closed = false;

  constructor({ dir }: RuntimeOptions) {
    const root = resolve(dir);
    this.#objectsDir = join(root, "do");
    this.#scratchDir = join(root, "instances");
    this.#log = createRuntimeLog(join(root, "runtime.log"));
    // Left by a process that was killed.
    rmSync(this.#scratchDir, { recursive: true, force: true });
    this.#prober = startProber(this.#options("probe"));
  }

  probe(script: RunnableScript): Promise<ProbeResult> {
    return this.#prober.probe(script);
  }

  deploy(name: string, all: ReadonlyMap<string, RunnableScript>): Promise<void> {
    return this.#inTurn(async () => {
      if (!all.has(name)) throw new Error(`No script '${name}' to deploy.`);
      const members = connectedScripts(name, all);
      const touched = this.#unitsOf(members);
      // Scripts that shared a workerd with one of these, but are not connected to it any more.
      const affected = new Set([...members, ...touched.flatMap((unit) => [...unit.names])]);
      const next = new Map([...all].filter(([script]) => affected.has(script)));
      await this.#swap(touched, next);
    });
  }

  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const unit = this.#units.get(name);
      if (unit === undefined) return;
      await this.#swap([unit], byName(unit.scripts.filter((script) => script.name !== name)));
    });
  }

  trace(listener: ((trace: Trace) => void) | null): Promise<void> {
    return this.#inTurn(async () => {
      const changed = (listener === null) !== (this.#listener === null);
      this.#listener = listener;
      if (!changed) return;
      for (const unit of new Set(this.#units.values())) {
        if (unit.isTraceable) await unit.setTraced(listener !== null);
        else if (listener !== null) await this.#restart(unit);
      }
    });
  }

  async runScheduled(name: string, event: ScheduledEvent): Promise<ScheduledResult | null> {
    return (await (await this.#unit(name))?.runScheduled(name, event)) ?? null;
  }

  listObjects(namespaceId: string): Promise<StoredObject[]> {
    return listStoredObjects(join(this.#objectsDir, namespaceId));
  }

  deleteNamespace(id: string): Promise<void> {
    return this.#inTurn(async () => {
      if (!/^[\w-]+$/.test(id)) throw new Error(`'${id}' is not the id of a namespace.`);
      requireUnused(this.#units.values(), id);
      await rm(join(this.#objectsDir, id), { recursive: true, force: true });
    });
  }

  async address(name: string): Promise<ScriptAddress | null> {
    for (;;) {
      const { begun } = this.#swaps;
      const address = (await (await this.#unit(name))?.address(name)) ?? null;
      // A swap that began meanwhile takes the script to other ports, if only within the same unit.
      if (this.#swaps.begun === begun) return address;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last.catch(() => {});
    const units = new Set(this.#units.values());
    this.#units.clear();
    await Promise.all([this.#prober.close(), ...[...units].map((unit) => unit.dispose())]);
    this.#reaper.close();
    await rm(this.#scratchDir, { recursive: true, force: true });
    await this.#log.flush();
  }

  /** One change at a time: two could want to start the same namespace twice. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => {
      if (this.#closed) throw new Error("The runtime is closed.");
      return work();
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** Runs `next` instead of what the units run. When that fails they run again what they ran before. */
  async #swap(units: readonly Unit[], next: ReadonlyMap<string, RunnableScript>): Promise<void> {
    const groups = components(next);
    for (const group of groups) checkScripts(group);
    const names = new Set([...next.keys(), ...units.flatMap((unit) => [...unit.names])]);
    await this.#swaps.run(names, async () => {
      // Whoever got an address before the swap began has said so by then.
      await setImmediate();
      await Promise.all(units.map((unit) => unit.drained(DRAIN_MS)));
      await this.#replace(units, groups);
    });
  }

  #restart(unit: Unit): Promise<void> {
    return this.#swap([unit], byName(unit.scripts));
  }

  async #replace(
    units: readonly Unit[],
    groups: readonly (readonly RunnableScript[])[],
  ): Promise<void> {
    const before = units.map((unit) => unit.scripts);
    const running = [...units];
    try {
      await this.#run(running, groups);
    } catch (error) {
      await this.#restore(running, before, error);
      throw error;
    }
  }

  async #restore(
    running: Unit[],
    before: readonly (readonly RunnableScript[])[],
    error: unknown,
  ): Promise<void> {
    try {
      await this.#run(running, before);
    } catch (again) {
      await Promise.all(running.map((unit) => unit.dispose()));
      const message = `${messageOf(error)}\nWhat ran before did not start again: ${messageOf(again)}`;
      throw new Error(message, { cause: again });
    }
  }

  /** Makes `running` run these groups, one unit each; `running` holds what runs even when it throws. */
  async #run(running: Unit[], groups: readonly (readonly RunnableScript[])[]): Promise<void> {
    for (const unit of running) {
      for (const name of unit.names) this.#units.delete(name);
    }
    // One workerd is kept, as an update is faster than a start. The others go before anything starts:
    // no namespace may be open twice.
    for (const unit of running.splice(Math.min(1, groups.length))) await unit.dispose();
    for (const [index, scripts] of groups.entries()) {
      const kept = running[index];
      if (kept === undefined) running.push(await this.#start(scripts));
      else await kept.update(scripts);
    }
    for (const unit of running) {
      for (const name of unit.names) this.#units.set(name, unit);
    }
  }

  async #start(scripts: readonly RunnableScript[]): Promise<Unit> {
    const label = scripts.map(({ name }) => name).join(",");
    const traces = {
      isTraced: () => this.#listener !== null,
      onReport: (report: TraceReport) => {
        for (const trace of report.traces) this.#listener?.(trace);
        this.#feed(report.delivery);
      },
    };
    return new Unit(scripts, await startInstance(scripts, { ...this.#options(label), traces }));
  }

  /** What the script runs in. Waits for a swap that is under way. */
  async #unit(name: string): Promise<Unit | undefined> {
    await this.#swaps.over(name);
    return this.#units.get(name);
  }

  #unitsOf(names: readonly string[]): Unit[] {
    return [...new Set(names.flatMap((name) => this.#units.get(name) ?? []))];
  }

  #options(label: string): InstanceOptions {
    return {
      objectsDir: this.#objectsDir,
      scratchDir: this.#scratchDir,
      log: (text) => this.#log.write(`[${label}] ${text}`),
    };
  }
}
