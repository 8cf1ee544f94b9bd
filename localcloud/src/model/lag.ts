import type { State } from "./state.ts";

/** States that were superseded a short while ago, for reads that lag behind writes. */
export interface Lag {
  /** `state` was the current one until now. */
  push(state: State): void;
  /** What was the current state `lagMs()` ago; `current` when it was that already, or is all there is. */
  at(current: State): State;
  /** What {@link Lag.at} may still answer with. */
  states(): readonly State[];
}

export function createLag(lagMs: () => number, now: () => number = () => performance.now()): Lag {
  let past: { state: State; untilMs: number }[] = [];
  const prune = (): void => {
    const horizonMs = now() - lagMs();
    past = past.filter(({ untilMs }) => untilMs > horizonMs);
  };
  return {
    push(state) {
      past.push({ state, untilMs: now() });
      prune();
    },
    at(current) {
      prune();
      return past[0]?.state ?? current;
    },
    states() {
      prune();
      return past.map(({ state }) => state);
    },
  };
}
