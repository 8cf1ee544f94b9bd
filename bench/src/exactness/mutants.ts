import type { Patch } from "./bundle.ts";

/** A bug planted in the Worker, to show that the harness would find it. */
export interface Mutant {
  readonly name: string;
  /** What goes wrong with it. */
  readonly effect: string;
  readonly patches: readonly Patch[];
}

const PAGE_COUNTER = "worker/src/page-counter.ts";
const BROADCASTER = "worker/src/broadcaster.ts";
const ROSTER = "worker/src/roster.ts";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "no tombstone",
    effect: "a connection that is closed goes on being counted when its object wakes",
    patches: [{ file: PAGE_COUNTER, find: "    socket.serializeAttachment(null);\n", replace: "" }],
  },
  {
    name: "readyState instead of tombstone",
    effect: "who never answered a close comes back after two hibernations",
    patches: [
      { file: PAGE_COUNTER, find: "    socket.serializeAttachment(null);\n", replace: "" },
      {
        file: PAGE_COUNTER,
        find: "      if (connection !== null) roster.set(socket, connection);",
        replace: "      if (connection !== null && socket.readyState === 1) roster.set(socket, connection);",
      },
    ],
  },
  {
    name: "getWebSockets().length",
    effect: "connections are counted, the closing one among them",
    patches: [
      {
        file: BROADCASTER,
        find: "    const count = roster.visitors;\n    const told",
        replace: "    const count = roster.connections;\n    const told",
      },
    ],
  },
  {
    name: "tabs are visitors",
    effect: "a visitor with two tabs counts twice",
    patches: [
      { file: ROSTER, find: "return this.#tabs.size;", replace: "return this.#connections.size;" },
    ],
  },
  {
    name: "last tab is not told apart",
    effect: "a visitor who closes one of two tabs has left",
    patches: [
      {
        file: ROSTER,
        find: "    if (tabs > 0) this.#tabs.set(connection.u, tabs);\n    else this.#tabs",
        replace: "    this.#tabs",
      },
    ],
  },
];
