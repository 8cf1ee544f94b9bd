import type { Namespace as NamespaceResponse } from "cloudflare/resources/durable-objects/namespaces/namespaces";
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
