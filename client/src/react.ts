"use client";
import {
  type ComponentPropsWithoutRef,
  createElement,
  type ReactElement,
  type ReactNode,
  useMemo,
  useSyncExternalStore,
} from "react";
import { createVisitorCounter, type VisitorCounterOptions, type VisitorState } from "./index.ts";
import { isOptedOut } from "./visitor-id.ts";

export type { VisitorCounterOptions, VisitorState, VisitorStatus } from "./index.ts";

export interface UseVisitorCountOptions extends VisitorCounterOptions {
  /** `false` keeps the connection closed, for example until there is consent. @default true */
  readonly enabled?: boolean | undefined;
}

const subscribeToNothing = () => () => {};

/**
 * Joins the page while the component is mounted. Components with the same `endpoint`, `page` and
 * `visitorId` share one connection. On a server: no count, `idle`.
 */
export function useVisitorCount(options: UseVisitorCountOptions = {}): VisitorState {
  const { endpoint, page, visitorId, enabled = true } = options;
  const counter = useMemo(
    () => createVisitorCounter(options),
    // oxlint-disable-next-line react/exhaustive-deps -- callers pass a fresh object at each render
    [endpoint, page, visitorId],
  );
  return useSyncExternalStore(
    enabled ? counter.subscribe : subscribeToNothing,
    enabled ? counter.getSnapshot : counter.getServerSnapshot,
    counter.getServerSnapshot,
  );
}

export interface VisitorCountProps
  extends UseVisitorCountOptions, Omit<ComponentPropsWithoutRef<"span">, "children"> {
  /** Shown on the server and until the first count arrives. */
  readonly fallback?: ReactNode;
  /** Leaves this visitor out of the number. @default false */
  readonly others?: boolean | undefined;
  /** Smallest number that is shown; below it there is nothing. @default 0 */
  readonly minimum?: number | undefined;
  /** Renders the number, which is `count`. @default as the visitor's locale writes it */
  readonly children?: ((state: VisitorState & { readonly count: number }) => ReactNode) | undefined;
}

/**
 * A `<span>` with the live number; `data-status` is there for styling. It is not a live region: a
 * screen reader is not interrupted by each visitor who comes and goes.
 */
export function VisitorCount(props: VisitorCountProps): ReactElement {
  const { count: all, status } = useVisitorCount(props);
  // oxlint-disable no-unused-vars -- taken out of what the span gets
  const {
    endpoint,
    page,
    visitorId,
    heartbeat,
    timeout,
    pauseAfter,
    maxBackoff,
    enabled,
    fallback,
    others,
    minimum = 0,
    children,
    ...rest
  } = props;
  // oxlint-enable no-unused-vars
  // Of `true` React shows nothing.
  const write = (count: number): ReactNode =>
    count < minimum || (children ? children({ count, status }) : count.toLocaleString());
  return createElement(
    "span",
    { "data-status": status, ...rest },
    // Who opted out is not counted, so all are others.
    all === undefined ? fallback : write(others && all && !isOptedOut() ? all - 1 : all),
  );
}
