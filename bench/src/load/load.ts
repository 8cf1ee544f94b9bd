import { type Remote, startChild } from "../subjects/child.ts";
import type { Load } from "./generator.ts";

/** A running load generator. Dispose of it to end its process and its connections. */
export interface LoadGenerator extends Remote<Load>, AsyncDisposable {}

export function startLoad(log: (text: string) => void = () => {}): LoadGenerator {
  const child = startChild(new URL("generator.ts", import.meta.url), { log });
  return {
    open: (options) => child.call("open", options),
    join: (options) => child.call("join", options),
    enter: (options) => child.call("enter", options),
    latency: (options) => child.call("latency", options),
    churn: (options) => child.call("churn", options),
    quiet: (seconds) => child.call("quiet", seconds),
    read: (options) => child.call("read", options),
    sees: (options) => child.call("sees", options),
    leave: (options) => child.call("leave", options),
    tally: () => child.call("tally"),
    usage: () => child.call("usage"),
    drop: () => child.call("drop"),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
