import type { Patch } from "../bundle.ts";
import type { Mutant } from "./mutant.ts";

const PAGE_COUNTER = "worker/src/page-counter.ts";
const PRESENCE = "worker/src/presence.ts";
const ROSTER = "worker/src/roster.ts";

const NO_TOMBSTONE: Patch = {
  file: PRESENCE,
  find: "    socket.serializeAttachment(null);\n",
  replace: "",
};

/** Bugs in who is counted by one object. */
export const COUNTING: readonly Mutant[] = [
  {
    name: "no tombstone",
    effect: "a connection that was closed is counted again when its object wakes",
    patches: [NO_TOMBSTONE],
  },
  {
    name: "readyState for a tombstone",
    effect: "who never answered a close comes back after two hibernations",
    patches: [
      NO_TOMBSTONE,
      {
        file: PRESENCE,
        find: "      if (connection !== null) roster.set(socket, connection);",
        replace:
          "      if (connection !== null && socket.readyState === 1) roster.set(socket, connection);",
      },
    ],
  },
  {
    name: "getWebSockets().length",
    effect: "a leave is told with the one who leaves",
    patches: [
      {
        file: PAGE_COUNTER,
        find: "this.#isWhole ? this.#presence.roster.visitors :",
        replace: "this.#isWhole ? this.ctx.getWebSockets().length :",
      },
    ],
  },
  {
    name: "tabs for visitors",
    effect: "a visitor with two tabs counts twice",
    patches: [
      { file: ROSTER, find: "return this.#tabs.size;", replace: "return this.#connections.size;" },
    ],
  },
  {
    name: "one tab for all",
    effect: "a visitor who closes one of two tabs has left",
    patches: [
      {
        file: ROSTER,
        find: "    if (tabs > 0) this.#tabs.set(connection.u, tabs);\n    else this.#tabs",
        replace: "    this.#tabs",
      },
    ],
  },
  {
    name: "close counted twice",
    effect: "a wake by a close is without the closing tab, and then takes away another one",
    patches: [
      {
        file: ROSTER,
        find: "    if (connection === undefined) return;\n",
        replace:
          "    if (connection === undefined) { const [other] = this.#tabs.keys(); if (other !== undefined) this.#tabs.delete(other); return; }\n",
      },
    ],
  },
  {
    name: "errors ignored",
    effect: "a connection that ended by an error is counted until it is stale",
    patches: [
      {
        file: PAGE_COUNTER,
        find: "  override webSocketError(socket: WebSocket): void {\n",
        replace: "  override webSocketError(socket: WebSocket): void {\n    if (socket) return;\n",
      },
    ],
  },
  {
    name: "closes unanswered",
    effect: "a client that leaves waits for the end of its handshake",
    patches: [{ file: PAGE_COUNTER, find: "    answerClose(socket, code);\n", replace: "" }],
  },
  {
    name: "no limit of tabs",
    effect: "a visitor holds any number of connections",
    patches: [
      {
        file: PRESENCE,
        find: "    if (this.roster.tabsOf(visitor) <= limit) return;\n",
        replace: "    if (limit > 0) return;\n",
      },
    ],
  },
  {
    name: "surplus by one",
    effect: "a visitor keeps a tab less than is allowed",
    patches: [
      {
        file: PRESENCE,
        find: "surplusTabs(others, limit - 1)",
        replace: "surplusTabs(others, limit - 2)",
      },
      { file: PRESENCE, find: "tabsOf(visitor) <= limit)", replace: "tabsOf(visitor) < limit)" },
    ],
  },
];
