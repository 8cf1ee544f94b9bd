import type { Tab } from "./tab.ts";

/** How a tab is called in messages. */
export function nameOf({ options }: Tab): string {
  const { tab, visitor, client, isObserver } = options;
  return `tab ${tab} (${client}, ${isObserver ? "observer" : `visitor ${visitor}`})`;
}
