import type {
  TailCreateResponse,
  TailGetResponse,
} from "cloudflare/resources/workers/scripts/tail";
import { ERRORS, fail } from "../errors.ts";
import { parseJson } from "../http/json.ts";
import { type ApiRequest, type Handler, ok } from "../http/reply.ts";
import { tailUrl } from "../http/tail-socket.ts";
import { timestamp } from "../model/state.ts";
import { parseFilters } from "../tails/filter.ts";
import type { Tail } from "../tails/tails.ts";
import { findScript } from "./scripts.ts";

function tailView({ headers }: ApiRequest, { id, expiresAt }: Tail): TailCreateResponse {
  return { id, url: tailUrl(headers.host ?? "", id), expires_at: timestamp(expiresAt) };
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/tail/methods/create/ */
export const postTail: Handler<TailCreateResponse> = (request) => {
  const { cloud, params, body } = request;
  const { name } = findScript(cloud.store.state, params["script"]);
  const filters = parseFilters(body.byteLength === 0 ? {} : parseJson(body.toString("utf8")));
  return ok(tailView(request, cloud.tails.create(name, filters)));
};

/**
 * The newest of the script's tails.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/tail/methods/get/
 */
export const getTail: Handler<TailGetResponse> = (request) => {
  const { cloud, params } = request;
  const { name } = findScript(cloud.store.state, params["script"]);
  const [tail] = cloud.tails.list(name);
  return ok(tailView(request, tail ?? fail(ERRORS.TAIL_NOT_FOUND, { id: "" })));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/tail/methods/delete/ */
export const deleteTail: Handler<null> = ({ cloud, params }) => {
  cloud.tails.remove(findScript(cloud.store.state, params["script"]).name, params["id"] ?? "");
  return ok(null);
};
