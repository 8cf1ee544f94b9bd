import type { Mutant } from "./mutant.ts";

const BROADCASTER = "worker/src/broadcaster.ts";

/** Bugs in what is told to whom. */
export const TELLING: readonly Mutant[] = [
  {
    name: "net zero is not told",
    effect: "who heard a number in between keeps it when the count comes back",
    patches: [
      {
        file: BROADCASTER,
        find: "count === this.#sentCount ? told.keys() : roster.sockets();",
        replace: "count === this.#sentCount ? [] : roster.sockets();",
      },
    ],
  },
  {
    name: "joiners are not told",
    effect: "a second tab has no count until another visitor comes or goes",
    patches: [
      {
        file: BROADCASTER,
        find: "    this.#send(socket, serializeCount(count, Date.now()));\n",
        replace: "",
      },
    ],
  },
  {
    name: "first change only",
    effect: "changes within an interval are never told",
    patches: [
      {
        file: BROADCASTER,
        find: "    else this.#timer = setTimeout(() => this.#onTimer(), waitMs);",
        replace: "",
      },
    ],
  },
  {
    name: "cold broadcaster",
    effect: "what was sent is taken to be zero when the object wakes",
    patches: [
      {
        file: BROADCASTER,
        find: "  #sentCount: number | null = null;",
        replace: "  #sentCount: number | null = 1;",
      },
    ],
  },
];
