import type { DialectName } from "./load/dialect.ts";
import type { SubjectName } from "./subjects/subject.ts";

/** A server and how it is set up. */
export interface Contestant {
  /** Its name in tables. */
  readonly label: string;
  readonly subject: SubjectName;
  readonly dialect: DialectName;
  /** The `SETTINGS` binding. */
  readonly settings: object;
}

/** Limits so high that a page stays on one object, and none is turned away. */
const ONE_OBJECT = {
  limits: { splitAtSockets: 32_000, splitAtJoinsPerSecond: 100_000, joinsPerSecond: 100_000 },
};

/** Everyone, ours first: the others are told as ratios of it. */
export const CONTESTANTS: readonly Contestant[] = [
  { label: "ours", subject: "ours", dialect: "product", settings: ONE_OBJECT },
  { label: "naive", subject: "naive", dialect: "contract", settings: {} },
  { label: "partyserver", subject: "partyserver", dialect: "contract", settings: {} },
  { label: "ws", subject: "ws", dialect: "contract", settings: {} },
  { label: "socket.io", subject: "socket.io", dialect: "socket.io", settings: {} },
];

/** Ours as it is deployed: it spreads a page that has grown large over several objects. */
export const OURS_SPLIT: Contestant = {
  label: "ours, split",
  subject: "ours",
  dialect: "product",
  settings: {},
};
