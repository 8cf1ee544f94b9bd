import { refuseUnsettled } from "./join-refusals.ts";
import { type Join, joinRequest, parseRedirect } from "./join-request.ts";
import { ShardMemo } from "./rules/shard-memo.ts";
import { shardOf } from "./rules/shard-of.ts";
import { shardName } from "./shard/layout.ts";

const MAX_ATTEMPTS = 3;

/** Of this isolate; what is wrong in it is put right by the object that is asked. */
const MEMO = new ShardMemo();

export interface Route {
  readonly key: string;
  /** Hash of the visitor's id, of an observer's too: it tells the shard. */
  readonly hash: string;
  readonly join: Omit<Join, "shards">;
  readonly object: (name: string) => Pick<DurableObjectStub, "fetch">;
}

/** Passes a connection to the shard of its page where its visitor lives. */
export async function routeJoin({ key, hash, join, object }: Route): Promise<Response> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const shards = MEMO.get(key);
    const name = shardName({ key, index: shardOf(hash, shards) });
    const response = await object(name).fetch(joinRequest({ ...join, shards }));
    const actual = parseRedirect(response);
    if (actual === null) return response;
    MEMO.set(key, actual);
  }
  return refuseUnsettled();
}
