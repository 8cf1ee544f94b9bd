import { bindingsInto, tailProducersOf } from "../deploy/runnable.ts";
import { type Handler, ok, page } from "../http/reply.ts";
import { type Namespace, type State, scriptNamed, servingVersion } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import { findScript } from "./scripts.ts";

interface ServiceReference {
  service: string;
  environment: string;
}

/** What `wrangler delete` warns of; not documented. */
interface References {
  services: {
    incoming: (ServiceReference & { name: string })[];
    outgoing: (ServiceReference & { name: string })[];
    pages_function: boolean;
  };
  /** Its own bindings to its own classes are among them, as at Cloudflare. */
  durable_objects: (ServiceReference & {
    name: string;
    durable_object_namespace_id: string;
    durable_object_namespace_name: string;
  })[];
  dispatch_outbounds: never[];
}

/** Which bindings of other Workers lead to this one. */
export const getReferences: Handler<References> = ({ cloud, params }) => {
  const { state } = cloud.store;
  const script = findScript(state, params["script"]);
  const own = (servingVersion(script)?.bindings ?? []).map((binding) => ({
    script: script.name,
    binding,
  }));
  const incoming = bindingsInto(state, script.name);
  return ok({
    services: {
      incoming: incoming
        .filter(({ binding }) => binding.type === "service")
        .map(({ script: user, binding }) => ({ ...reference(user), name: binding.name })),
      outgoing: own
        .filter(({ binding }) => binding.type === "service")
        .map(({ binding }) => ({ ...reference(String(binding["service"])), name: binding.name })),
      pages_function: false,
    },
    durable_objects: [...own, ...incoming].flatMap(({ script: user, binding }) =>
      objectReference(user, binding, namespaceOf(state, script.name, binding)),
    ),
    dispatch_outbounds: [],
  });
};

function reference(service: string): ServiceReference {
  return { service, environment: "production" };
}

function namespaceOf(state: State, owner: string, binding: RunnableBinding): Namespace | undefined {
  if (binding.type !== "durable_object_namespace") return undefined;
  return state.namespaces.find(
    ({ id, script }) => script === owner && id === binding["namespace_id"],
  );
}

function objectReference(
  user: string,
  binding: RunnableBinding,
  namespace: Namespace | undefined,
): References["durable_objects"] {
  if (namespace === undefined) return [];
  return [
    {
      ...reference(user),
      name: binding.name,
      durable_object_namespace_id: namespace.id,
      durable_object_namespace_name: `${namespace.script}_${namespace.className}`,
    },
  ];
}

/** The scripts that name this one as a Tail Worker; not documented. */
export const listTailProducers: Handler<{ tag: string; producer: ServiceReference }[]> = ({
  cloud,
  params,
}) => {
  const { state } = cloud.store;
  const consumer = scriptNamed(state, params["script"])?.name;
  const producers = consumer === undefined ? [] : tailProducersOf(state, consumer);
  return ok(producers.map(({ tag, name }) => ({ tag, producer: reference(name) })));
};

/** Containers, which the local cloud has none of; `wrangler delete` looks for those of the Worker. */
export const listContainers: Handler<never[]> = () => ok([]);

/** KV namespaces, which the local cloud has none of; `wrangler delete` looks for an old site's. */
export const listKvNamespaces: Handler<never[]> = ({ query }) => page([], query);
