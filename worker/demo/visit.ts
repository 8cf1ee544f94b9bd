import type { VisitorState } from "../../client/src/index.ts";
import { duration } from "./words.ts";

/** What to write into the log: a sentence, or that the number changed. */
export type News = string | { readonly from: number; readonly to: number } | undefined;

/** Turns what happens to the reader's own counter into news. No clock: times are passed in. */
export class Visit {
  #state: VisitorState = { count: undefined, status: "idle" };
  readonly #isOptedOut: boolean;
  #hiddenAtMs: number | undefined;
  #askedAtMs = 0;
  /** Since when the reader is not counted, and why. */
  #gone: { readonly atMs: number; readonly why: "hidden" | "lost" } | undefined;

  /** @param isOptedOut whether the reader is told the number without being counted */
  constructor(isOptedOut: boolean) {
    this.#isOptedOut = isOptedOut;
  }

  /** To be called with each new snapshot of the counter. */
  hear(state: VisitorState, nowMs: number): News {
    const before = this.#state;
    this.#state = state;
    if (state.status === before.status) return change(before.count, state.count);
    if (state.status === "connecting") this.#askedAtMs = nowMs;
    if (state.status === "live") return this.#arrive(state.count ?? 0, nowMs);
    if (state.status === "paused") return this.#pause(before, nowMs);
    return state.status === "retrying" ? this.#lose(before, nowMs) : undefined;
  }

  /** To be called when the tab is hidden or shown. */
  look(isHidden: boolean, nowMs: number): string | undefined {
    const hiddenAtMs = this.#hiddenAtMs;
    this.#hiddenAtMs = isHidden ? nowMs : undefined;
    if (isHidden || hiddenAtMs === undefined || this.#state.status !== "live") return undefined;
    return `This tab was hidden for ${duration(nowMs - hiddenAtMs)}: too short to leave`;
  }

  #arrive(count: number, nowMs: number): string {
    const took = duration(nowMs - this.#askedAtMs);
    const gone = this.#gone;
    this.#gone = undefined;
    const here = `${count.toLocaleString("en")} here now`;
    const told = this.#isOptedOut ? "told the number" : "counted";
    if (gone === undefined) return `You came, ${told} ${took} later: ${here}`;
    const away = duration(nowMs - gone.atMs);
    if (gone.why === "lost") return `Connected again after ${away}: ${here}`;
    return `You are back after ${away}, ${told} ${took} later: ${here}`;
  }

  #lose({ status }: VisitorState, nowMs: number): string | undefined {
    if (this.#gone) return undefined;
    this.#gone = { atMs: nowMs, why: "lost" };
    return status === "live" ? "The connection was lost" : "The server cannot be reached";
  }

  #pause({ status }: VisitorState, nowMs: number): string | undefined {
    this.#gone = status === "idle" ? undefined : { atMs: nowMs, why: "hidden" };
    if (status !== "live") return undefined;
    const hiddenAtMs = this.#hiddenAtMs;
    if (hiddenAtMs === undefined) return "You left: this page was put aside";
    return `You left: this tab was hidden for ${duration(nowMs - hiddenAtMs)}`;
  }
}

function change(from: number | undefined, to: number | undefined): News {
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
}
