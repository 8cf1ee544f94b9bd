import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { hashVisitor } from "../../src/join-request.ts";
import type { PageCounter } from "../../src/page-counter.ts";
import { shardOf } from "../../src/rules/shard-of.ts";
import { type Layout, parseLayout, shardName } from "../../src/shard/layout.ts";
import { Follower } from "./follower.ts";
import { connectionsOf } from "./object.ts";
import { counterOf, freshPage } from "./visitor.ts";

export function shardOfPage(page: string, index: number): DurableObjectStub<PageCounter> {
  return env.PAGE_COUNTER.getByName(shardName({ key: page, index }));
}

/** Ids of visitors, so many for each of the page's shards. */
export async function userIdsFor(page: string, shards: number, each: number): Promise<string[][]> {
  const ids = Array.from({ length: shards }, (): string[] => []);
  while (ids.some((list) => list.length < each)) {
    const userId = crypto.randomUUID();
    const list = ids[shardOf(await hashVisitor(page, userId), shards)];
    if (list !== undefined && list.length < each) list.push(userId);
  }
  return ids;
}

export interface LayoutOptions {
  readonly shards: number;
  readonly from: number | null;
  /** @default 0 */
  readonly ageMs?: number;
}

/** Has the root wake up with a layout, as if a deployment had fallen into the middle of it. */
export async function wakeWith(page: string, options: LayoutOptions): Promise<void> {
  const { shards, from, ageMs = 0 } = options;
  await runInDurableObject(counterOf(page), (_instance, { storage }) => {
    storage.kv.put("layout", { version: Date.now() - ageMs, shards, from });
  });
  await evictDurableObject(counterOf(page));
  await counterOf(page).count();
}

/** The layout that the root has stored. */
export async function layoutOf(page: string): Promise<Layout> {
  return runInDurableObject(counterOf(page), (_instance, { storage }) => {
    return parseLayout(storage.kv.get("layout"));
  });
}

/** Connections of each of the first shards. */
export function spreadOf(page: string, shards: number): Promise<number[]> {
  return Promise.all(
    Array.from({ length: shards }, async (_, index) => {
      return (await connectionsOf(shardOfPage(page, index))).length;
    }),
  );
}

/** Waits until nobody is being moved any more. */
export async function settled(page: string): Promise<void> {
  while ((await layoutOf(page)).from !== null) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Crowd {
  readonly page: string;
  readonly followers: Follower[];
}

/** A page with one visitor for each of four shards, all on the first; all see four. */
export async function four(): Promise<Crowd> {
  const page = freshPage();
  const followers: Follower[] = [];
  for (const [userId = ""] of await userIdsFor(page, 4, 1)) {
    followers.push(await Follower.join({ page, userId }));
  }
  await Promise.all(followers.map((follower) => follower.sees(4)));
  return { page, followers };
}

/** The same, spread over four shards. */
export async function spread(): Promise<Crowd> {
  const crowd = await four();
  await wakeWith(crowd.page, { shards: 4, from: 1 });
  await settled(crowd.page);
  return crowd;
}
