import type { Namespace as NamespaceResponse } from "cloudflare/resources/durable-objects/namespaces/namespaces";
import type { DurableObject } from "cloudflare/resources/durable-objects/namespaces/objects";
import { ERRORS, fail } from "../errors.ts";
import { type Handler, page } from "../http/reply.ts";

/** @see https://developers.cloudflare.com/api/resources/durable_objects/subresources/namespaces/methods/list/ */
export const listNamespaces: Handler<NamespaceResponse[]> = ({ cloud, query }) =>
  page(
    cloud.store.state.namespaces.map(({ id, script, className, useSqlite }) => ({
      id,
      name: `${script}_${className}`,
      script,
      class: className,
      use_sqlite: useSqlite,
    })),
    query,
  );

/** Objects that a page has unless `?limit=` says otherwise, and the most it may have. */
const OBJECTS_LIMIT = { usual: 1_000, most: 10_000 } as const;

/**
 * The objects that were ever used, by id. `?cursor=` is the last id of the page before.
 * @see https://developers.cloudflare.com/api/resources/durable_objects/subresources/namespaces/subresources/objects/methods/list/
 */
export const listObjects: Handler<DurableObject[]> = async ({ cloud, params, query }) => {
  const { id = "" } = params;
  const { namespaces } = cloud.store.state;
  if (!namespaces.some((namespace) => namespace.id === id))
    fail(ERRORS.NAMESPACE_NOT_FOUND, { id });
  const limit = readLimit(query.get("limit"));
  const after = query.get("cursor") ?? "";
  const rest = (await cloud.runtime.listObjects(id)).filter((object) => object.id > after);
  const result = rest.slice(0, limit);
  const cursor = rest.length > limit ? (result.at(-1)?.id ?? "") : "";
  return { result, resultInfo: { count: result.length, cursor } };
};

function readLimit(text: string | null): number {
  if (text === null) return OBJECTS_LIMIT.usual;
  const limit = Number(text);
  if (Number.isSafeInteger(limit) && limit > 0 && limit <= OBJECTS_LIMIT.most) return limit;
  return fail(ERRORS.INVALID_FIELD, {
    field: "limit",
    reason: `'${text}' is not a number from 1 to ${OBJECTS_LIMIT.most}`,
  });
}
