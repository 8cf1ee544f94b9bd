import type { Text } from "./say.ts";

/** `danger`: data is destroyed. `warning`: something that works today stops. */
export type Severity = "danger" | "warning" | "info";

/** What a change is about, for those who filter the JSON. */
export type Topic =
  | "deployment"
  | "data"
  | "origins"
  | "addresses"
  | "code"
  | "settings"
  | "visitors"
  | "bill"
  | "other";

/** One thing that an update would change, in plain words. */
export interface Change {
  readonly topic: Topic;
  readonly severity: Severity;
  readonly text: Text;
}

export function change(topic: Topic, severity: Severity, text: Text): Change {
  return { topic, severity, text };
}
