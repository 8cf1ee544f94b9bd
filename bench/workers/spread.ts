/**
 * Spreads one namespace of Durable Objects over several workerd processes, as Cloudflare spreads it
 * over machines: shard k of a page lives in process k mod the number of processes. The product's
 * code is as it is; only what it finds under its binding knows of it.
 */

interface Env {
  readonly PAGE_COUNTER: DurableObjectNamespace;
}

type ObjectClass = new (ctx: DurableObjectState, env: Env) => object;

/** Tells a process the ports of all, itself included. */
export const PROCESSES_PATH = "/__processes";
const OBJECT_HEADER = "Bench-Object";
const METHOD_HEADER = "Bench-Method";

const PROCESSES: { ports: readonly number[]; own: number } = { ports: [], own: 0 };

const SPREAD = new WeakMap<Env, Env>();

/** The same class, which reaches objects of other processes. */
export function spread(Original: ObjectClass): ObjectClass {
  return class Spread extends Original {
    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, spreadEnv(env));
    }
  };
}

/** The same Worker, which also answers for its objects when another process asks. */
export function spreadWorker(worker: ExportedHandler<Env>): ExportedHandler<Env> {
  return {
    async fetch(request, env, ctx) {
      if (new URL(request.url).pathname === PROCESSES_PATH) {
        Object.assign(PROCESSES, await request.json());
        return new Response(null, { status: 204 });
      }
      const name = request.headers.get(OBJECT_HEADER);
      if (name !== null) return answerForObject(request, env.PAGE_COUNTER.getByName(name));
      if (worker.fetch === undefined) return new Response(null, { status: 404 });
      return worker.fetch(request, spreadEnv(env), ctx);
    },
  };
}

/** The environment, once for each, since the product keeps what it has read from it. */
function spreadEnv(env: Env): Env {
  const known = SPREAD.get(env);
  if (known !== undefined) return known;
  const made = { ...env, PAGE_COUNTER: spreadNamespace(env.PAGE_COUNTER) };
  SPREAD.set(env, made);
  return made;
}

function spreadNamespace(namespace: DurableObjectNamespace): DurableObjectNamespace {
  return new Proxy(namespace, {
    get(target, key) {
      if (key !== "getByName") return Reflect.get(target, key);
      return (name: string, options?: DurableObjectNamespaceGetDurableObjectOptions) => {
        const port = portOf(name);
        return port === null ? target.getByName(name, options) : remoteObject(name, port);
      };
    },
  });
}

/** Of the process where an object lives; null for this one. */
function portOf(name: string): number | null {
  const [, shard = "0"] = name.split("#");
  const { ports, own } = PROCESSES;
  const index = Number(shard) % Math.max(1, ports.length);
  return index === own ? null : (ports[index] ?? null);
}

/** What stands for an object of another process: its `fetch`, and any method. */
function remoteObject(name: string, port: number): object {
  return new Proxy(
    {},
    {
      get(_target, method) {
        if (method === "fetch") return (request: Request) => forward(request, name, port);
        return (...args: unknown[]) => callRemote(name, port, String(method), args);
      },
    },
  );
}

function forward(request: Request, name: string, port: number): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.set(OBJECT_HEADER, name);
  return fetch(`http://127.0.0.1:${port}${pathname}${search}`, { headers });
}

async function callRemote(
  name: string,
  port: number,
  method: string,
  args: readonly unknown[],
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method: "POST",
    headers: { [OBJECT_HEADER]: name, [METHOD_HEADER]: method },
    body: JSON.stringify(args),
  });
  if (!response.ok) throw new Error(await response.text());
  const result: unknown = await response.json();
  return result ?? undefined;
}

async function answerForObject(request: Request, object: DurableObjectStub): Promise<Response> {
  const method = request.headers.get(METHOD_HEADER);
  if (method === null) return object.fetch(request);
  const called: unknown = Reflect.get(object, method);
  if (typeof called !== "function") return new Response(`no method ${method}`, { status: 500 });
  try {
    const args: unknown = await request.json();
    const result: unknown = await Reflect.apply(called, object, Array.isArray(args) ? args : []);
    return Response.json(result ?? null);
  } catch (error) {
    return new Response(String(error), { status: 500 });
  }
}
