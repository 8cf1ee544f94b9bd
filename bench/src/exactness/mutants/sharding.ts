import type { Mutant } from "./mutant.ts";

const PAGE_COUNTER = "worker/src/page-counter.ts";
const SHARD = "worker/src/shard/shard.ts";

/** Bugs in a page that is spread over several objects. */
export const SHARDING: readonly Mutant[] = [
  {
    name: "release not awaited",
    effect: "a visitor who moves is counted at both objects for a while",
    patches: [
      {
        file: SHARD,
        find: "      if (roster.tabsOf(visitor) > 0 && !arrived.has(visitor)) visitors--;\n",
        replace: "      void visitor;\n",
      },
    ],
  },
  {
    name: "nobody is held",
    effect: "a visitor who moves is counted nowhere for a while",
    patches: [
      { file: SHARD, find: "roster.visitors + this.#mover.held", replace: "roster.visitors" },
    ],
  },
  {
    name: "old statements count",
    effect: "what a shard said before it slept is taken for what it says",
    patches: [
      {
        file: "worker/src/shard/ledger.ts",
        find: "    if (!isNewer(statement, this.#statements.get(statement.index))) return;\n",
        replace:
          "    const known = this.#statements.get(statement.index);\n    if (known !== undefined && statement.seq <= known.seq) return;\n",
      },
    ],
  },
  {
    name: "cold root",
    effect: "a root that slept takes the shards it has not heard of for empty",
    patches: [
      {
        file: "worker/src/shard/ledger.ts",
        find: "      if (!this.#statements.has(index)) return null;\n",
        replace: "",
      },
    ],
  },
  {
    name: "shards are not told",
    effect: "a shard shows the total of its last own change",
    patches: [
      {
        file: "worker/src/shard/informer.ts",
        find: "    for (const index of this.#idle()) void this.inform(index);\n",
        replace: "    void this.#idle();\n",
      },
    ],
  },
  {
    name: "news overtaken",
    effect:
      "a shard that was told something newer meanwhile is taken to know the older, and is left with a wrong total",
    patches: [
      {
        file: "worker/src/shard/informer.ts",
        find: "if (told === undefined || told.seq < view.seq) this.#told",
        replace: "void told; this.#told",
      },
    ],
  },
  {
    name: "sweeps stay at home",
    effect: "who fell silent on a shard without other clients is missed late",
    patches: [
      {
        file: PAGE_COUNTER,
        find: "    if (this.#root !== null) await this.#root.sweep(by);\n    else if (by === this.#index) await this.#askForSweep();\n",
        replace: "    void by;\n",
      },
    ],
  },
];
