import type { Mutant } from "./mutant.ts";

const PAGE_COUNTER = "worker/src/page-counter.ts";
const PRESENCE = "worker/src/presence.ts";

/** Bugs in how silence is noticed, and what is a sign of life. */
export const SILENCE: readonly Mutant[] = [
  {
    name: "no sweep on heartbeat",
    effect: "who fell silent is missed when somebody comes or goes, not before",
    patches: [
      {
        file: PAGE_COUNTER,
        find: "    if (isHeartbeat) void this.#lookAround(nowMs, this.#index);\n",
        replace: "",
      },
    ],
  },
  {
    name: "no alarm",
    effect: "a contract client that fell silent is not closed where nobody else is",
    patches: [
      {
        file: "worker/src/store.ts",
        find: "    if (setMs === null || setMs > ms) await this.#storage.setAlarm(ms);\n",
        replace: "    void setMs;\n",
      },
    ],
  },
  {
    name: "one alarm only",
    effect: "a contract client that falls silent after the first alarm is not closed",
    patches: [
      {
        file: PAGE_COUNTER,
        find: "    if (next.length > 0) await this.#store.setAlarmBy(",
        replace: "    if (next.length > 0) void (",
      },
    ],
  },
  {
    name: "pings do not count",
    effect: "clients that ping are dropped as silent",
    patches: [
      {
        file: PRESENCE,
        find: "    return Math.max(heartbeatMs, ping?.getTime() ?? 0);",
        replace: "    return ping === null ? heartbeatMs : heartbeatMs;",
      },
    ],
  },
  {
    name: "heartbeats do not count",
    effect: "contract clients are dropped as silent",
    patches: [
      { file: PAGE_COUNTER, find: "isHeartbeat ? nowMs : connection.t", replace: "connection.t" },
    ],
  },
  {
    name: "late heartbeat",
    effect: "a heartbeat that comes with a close brings the visitor back",
    patches: [
      {
        file: PAGE_COUNTER,
        find: "    if (connection === null) return;\n    const nowMs",
        replace:
          '    if (connection === null) { this.#presence.write(socket, { u: "back", j: Date.now(), t: Date.now(), v: 2 }); return; }\n    const nowMs',
      },
    ],
  },
  {
    name: "stale is told to nobody",
    effect: "who fell silent is dropped, and the others are not told",
    patches: [
      {
        file: PRESENCE,
        find: 'if (this.close(socket, CLOSE_STALE, "no sign of life")) left = true;',
        replace: 'this.close(socket, CLOSE_STALE, "no sign of life");',
      },
    ],
  },
];
