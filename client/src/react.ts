"use client";
import {
  type ComponentPropsWithoutRef,
  createElement,
  type ReactNode,
  useMemo,
  useSyncExternalStore,
} from "react";
import { createVisitorCounter, type VisitorCounterOptions, type VisitorState } from "./index.ts";

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
  const { endpoint, page, visitorId, heartbeat, timeout, pauseAfter, maxBackoff } = options;
  const counter = useMemo(
    () => createVisitorCounter(options),
    // oxlint-disable-next-line react/exhaustive-deps -- callers pass a fresh object at each render
    [endpoint, page, visitorId, heartbeat, timeout, pauseAfter, maxBackoff],
  );
  const { enabled = true } = options;
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
  /** Renders the count. @default the number as the visitor's locale writes it */
  readonly children?: ((state: VisitorState & { readonly count: number }) => ReactNode) | undefined;
}

/**
 * A `<span>` with the live number; `data-status` is there for styling. It is not a live region: a
 * screen reader is not interrupted by each visitor who comes and goes.
 */
export function VisitorCount(props: VisitorCountProps): ReactNode {
  const { count, status } = useVisitorCount(props);
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
    children,
    ...rest
  } = props;
  // oxlint-enable no-unused-vars
  let content = fallback;
  if (count !== undefined) {
    content = children ? children({ count, status }) : count.toLocaleString();
  }
  return createElement("span", { "data-status": status, ...rest }, content);
}
