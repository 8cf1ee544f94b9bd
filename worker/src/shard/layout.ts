/** Over how many objects a page is spread. Known to the root; other shards ask it. */
export interface Layout {
  /** When it was made, milliseconds since the epoch: tells one layout from the next. */
  readonly version: number;
  /** 1, 4, 16 or 64. */
  readonly shards: number;
  /** The number before, while visitors are being moved; null when all are in their place. */
  readonly from: number | null;
}

/** A page that is counted by one object, as all but the most visited are. Nothing is stored then. */
const WHOLE: Layout = { version: 0, shards: 1, from: null };

export function isWhole({ shards, from }: Layout): boolean {
  return shards === 1 && from === null;
}

/** Parses what the root has stored. Never throws. */
export function parseLayout(stored: unknown): Layout {
  if (typeof stored !== "object" || stored === null) return WHOLE;
  const { version, shards, from }: { [key: string]: unknown } = { ...stored };
  if (typeof version !== "number" || typeof shards !== "number") return WHOLE;
  return { version, shards, from: typeof from === "number" ? from : null };
}

/** What the name of a shard's object tells. */
export interface ShardName {
  readonly key: string;
  /** 0 is the root. */
  readonly index: number;
}

/** A page's root is named by the page's key, in which there is no `#`. */
export function shardName({ key, index }: ShardName): string {
  return index === 0 ? key : `${key}#${index}`;
}

export function parseShardName(name: string): ShardName {
  const [key = "", index = "0"] = name.split("#");
  return { key, index: Number(index) };
}
