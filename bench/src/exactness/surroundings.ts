import type { ServerEvent } from "./shared-server.ts";
import type { Step } from "./steps.ts";

interface ClockStep {
  readonly byMs: number;
  doneMs: number;
}

/** What happens around a page that its clients may need a while to get over. */
export class Surroundings {
  /** Last time that anything happened, to the page or by it. */
  disturbedAtMs: number = 0;
  /** When connections were last cut or the clock stepped, so that nothing before is certain. */
  upsetAtMs: number = Number.NEGATIVE_INFINITY;
  /** Whether what happens to the server is this page's doing. */
  isActing: boolean = false;
  /** Steps that other pages have had happen to this one, not yet taken note of. */
  readonly foreign: Step[] = [];
  readonly #clockSteps: ClockStep[] = [];
  #cutAtMs: number = Number.NEGATIVE_INFINITY;
  #cutting = 0;

  /** When connections were last cut: just now, as long as that is under way. */
  get cutAtMs(): number {
    return this.#cutting > 0 ? Date.now() : this.#cutAtMs;
  }

  disturb(): void {
    this.disturbedAtMs = Date.now();
  }

  /** Connections are about to be cut. */
  beginCut(): void {
    this.#cutting++;
    this.#upset();
  }

  /** They have been. */
  endCut(): void {
    this.#cutting--;
    this.#cutAtMs = Date.now();
    this.#upset();
  }

  /** To be told of everything that happens to the server. */
  notice(event: ServerEvent): void {
    this.#upset();
    switch (event.kind) {
      case "cutting":
        if (!this.isActing) this.foreign.push({ do: "redeploy" });
        this.beginCut();
        break;
      case "redeployed":
        this.endCut();
        break;
      case "clock":
        if (!this.isActing) this.foreign.push({ do: "clock", byMs: event.byMs });
        this.#clockSteps.push({ byMs: event.byMs, doneMs: Number.POSITIVE_INFINITY });
        break;
      case "clock stepped":
        for (const step of this.#clockSteps) step.doneMs = Math.min(step.doneMs, Date.now());
        break;
    }
  }

  #upset(): void {
    this.disturb();
    this.upsetAtMs = Date.now();
  }

  /** Whether the clock was ever set back. */
  get wasSetBack(): boolean {
    return this.#clockSteps.some(({ byMs }) => byMs < 0);
  }

  /** By how much the clock was set forward since then, at most. */
  clockForwardSince(ms: number): number {
    const since = this.#clockSteps.filter(({ doneMs }) => doneMs >= ms);
    return since.reduce((sum, { byMs }) => sum + Math.max(0, byMs), 0);
  }
}
