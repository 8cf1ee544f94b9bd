import type { IncomingHttpHeaders } from "node:http";
import type { Store } from "../model/store.ts";
import type { Runtime } from "../runtime/types.ts";
import type { Tails } from "../tails/tails.ts";
import type { Mutex } from "./mutex.ts";

/** What the endpoints work on. */
export interface Cloud {
  store: Store;
  runtime: Runtime;
  tails: Tails;
  /** Held while what runs is changed: scripts share namespaces and bindings. */
  deployments: Mutex;
  /** For what a person should know and no answer says. */
  onWarning: (message: string) => void;
}

/** The same for requests that change nothing: they may see an older state, see `Store.visible`. */
export function readsOf(cloud: Cloud): Cloud {
  const { store } = cloud;
  return { ...cloud, store: { ...store, state: store.visible } };
}

/** A request that has been read, routed and allowed. */
export interface ApiRequest {
  cloud: Cloud;
  /** The values of the path's `:names`, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface ResultInfo {
  page: number;
  per_page: number;
  count: number;
  total_count: number;
  total_pages: number;
}

/** Of a list that is read on from a cursor; an empty one is the end. */
interface CursorInfo {
  count: number;
  cursor: string;
}

/** A result, and which page of a list it is. */
export interface ResultReply<T> {
  result: T;
  resultInfo?: ResultInfo | CursorInfo;
}

/** A successful answer: a result for the envelope, or bytes that are sent as they are. */
export type Reply<T = unknown> =
  | ResultReply<T>
  | { bytes: Buffer; headers: Record<string, string> };

/** Answers one endpoint; failures are thrown as ApiError. */
export type Handler<T = unknown> = (request: ApiRequest) => Reply<T> | Promise<Reply<T>>;

/** Method, path below `/client/v4` with `:names`, handler. */
export type Endpoint = readonly [method: string, path: string, handler: Handler];

/** The whole list as one page: for endpoints without pagination. */
export function ok<T>(result: T): Reply<T> {
  return { result };
}

/**
 * The page that `?page=` and `?per_page=` ask for. Clients read on until a page is empty, so one beyond
 * the end must be.
 */
export function page<T>(items: readonly T[], query: URLSearchParams): Required<ResultReply<T[]>> {
  const number = positive(query.get("page"), 1);
  const size = Math.min(positive(query.get("per_page"), 20), 1_000);
  const result = items.slice((number - 1) * size, number * size);
  const resultInfo: ResultInfo = {
    page: number,
    per_page: size,
    count: result.length,
    total_count: items.length,
    total_pages: Math.ceil(items.length / size),
  };
  return { result, resultInfo };
}

function positive(text: string | null, fallback: number): number {
  const value = Number(text ?? fallback);
  return Number.isSafeInteger(value) && value > 0 ? value : fallback;
}

/** Which client sent the request, as Cloudflare reports it in `last_deployed_from`. */
export function clientOf(headers: IncomingHttpHeaders): string {
  const agent = headers["user-agent"] ?? "";
  if (agent.startsWith("wrangler/")) return "wrangler";
  return /terraform|pulumi/i.test(agent) ? "terraform" : "api";
}
