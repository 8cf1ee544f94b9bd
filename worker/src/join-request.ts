/** What the Worker tells the object about a connection. */
export interface Join {
  /** Hash of the visitor's id, letters and digits; null for an observer. */
  readonly visitor: string | null;
  /** Whether the client does not say `v=2`, so that its silence has to be watched. */
  readonly isContractClient: boolean;
  /** How many shards the page has, as far as the Worker knows. */
  readonly shards: number;
}

const SHARDS_HEADER = "Visitor-Tracker-Shards";

/**
 * The request that makes the object accept a connection. It carries nothing of the client's own
 * request: no visitor id, no address, no headers.
 */
export function joinRequest({ visitor, isContractClient, shards }: Join): Request {
  const query = [
    ...(visitor === null ? [] : [`visitor=${visitor}`]),
    ...(isContractClient ? [] : ["v=2"]),
    ...(shards > 1 ? [`shards=${shards}`] : []),
  ].join("&");
  const headers = { Upgrade: "websocket" };
  return new Request(`https://page-counter.internal/?${query}`, { headers });
}

export function parseJoin(url: string): Join {
  const { searchParams } = new URL(url);
  return {
    visitor: searchParams.get("visitor"),
    isContractClient: searchParams.get("v") !== "2",
    shards: Number(searchParams.get("shards") ?? 1),
  };
}

/** An object's answer when the page has another number of shards than the Worker knows. */
export function redirectJoin(shards: number): Response {
  return new Response(null, { status: 421, headers: { [SHARDS_HEADER]: String(shards) } });
}

/** The number of shards in such an answer; null in any other. */
export function parseRedirect({ status, headers }: Response): number | null {
  return status === 421 ? Number(headers.get(SHARDS_HEADER)) : null;
}

/**
 * What stands for a visitor on one page: 64 bits of a hash of both, so that it tells neither who
 * the visitor is nor which other pages they see.
 */
export async function hashVisitor(pageKey: string, userId: string): Promise<string> {
  const text = new TextEncoder().encode(`${pageKey}\n${userId}`);
  const digest = await crypto.subtle.digest("SHA-256", text);
  return new DataView(digest).getBigUint64(0).toString(36);
}
