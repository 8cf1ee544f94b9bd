import { createElement, StrictMode, useEffect, useState, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { useVisitorCount, VisitorCount } from "../../../client/src/react.ts";
import { countVisitors } from "../naive.ts";
import { pageOptions, record } from "./page.ts";

const {
  enabled = true,
  isNaive = false,
  ...options
}: {
  readonly enabled?: boolean;
  readonly isNaive?: boolean;
} & ReturnType<typeof pageOptions> = pageOptions();

function Hook(): ReactNode {
  const { count, status } = useVisitorCount({ ...options, enabled: useEnabled() });
  useEffect(() => record({ count, status }), [count, status]);
  return count;
}

function Component(): ReactNode {
  return createElement(VisitorCount, { ...options, enabled: useEnabled() });
}

function Naive(): ReactNode {
  const [count, setCount] = useState<number>();
  useEffect(() => countVisitors(options.endpoint ?? "", setCount), []);
  return count;
}

/** The page's consent, which a test gives and takes back by the event `consent`. */
function useEnabled(): boolean {
  const [isEnabled, setEnabled] = useState(enabled);
  useEffect(() => {
    const onConsent = ({ detail }: CustomEvent<boolean>): void => setEnabled(detail);
    addEventListener("consent", onConsent);
    return () => removeEventListener("consent", onConsent);
  }, []);
  return isEnabled;
}

declare global {
  interface WindowEventMap {
    consent: CustomEvent<boolean>;
  }
}

const four = isNaive ? [Naive, Naive, Naive, Naive] : [Hook, Component, Hook, Component];
const root = createRoot(document.body);
window.leave = () => root.unmount();
root.render(
  createElement(
    StrictMode,
    null,
    four.map((type, key) => createElement("p", { key }, createElement(type))),
  ),
);
