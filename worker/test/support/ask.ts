import { env } from "cloudflare:workers";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";

/** Bindings to try: those that are not given are the project's own. */
export type Bindings = { readonly [name in keyof Env]?: unknown };

/** Gives a request to the Worker under other bindings. */
export function ask(
  path: string,
  init: RequestInit<IncomingRequestCfProperties> = {},
  bindings: Bindings = {},
): Promise<Response> {
  const request = new Request(`https://tracker.test${path}`, init);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the bindings may be fakes
  return worker.fetch(request, { ...env, ...bindings } as Env);
}

/** A namespace that writes down how its stubs are got, and answers with `reply`. */
export function fakeNamespace(reply: () => Promise<Response>): {
  readonly binding: unknown;
  readonly calls: unknown[][];
  readonly requests: Request[];
} {
  const calls: unknown[][] = [];
  const requests: Request[] = [];
  const binding = {
    jurisdiction(...parameters: unknown[]) {
      calls.push(["jurisdiction", ...parameters]);
      return binding;
    },
    getByName(...parameters: unknown[]) {
      calls.push(["getByName", ...parameters]);
      return {
        fetch(request: Request) {
          requests.push(request);
          return reply();
        },
      };
    },
  };
  return { binding, calls, requests };
}

/** Status, JSON body and the headers that matter, for one exact comparison. */
export async function outline(response: Response, ...names: string[]): Promise<unknown[]> {
  const body: unknown = await response.json();
  return [response.status, body, ...names.map((name) => response.headers.get(name))];
}

export function refusal(code: string, message: string): unknown {
  return { error: { code, message } };
}
