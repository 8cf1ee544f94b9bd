import { ERRORS, fail } from "../errors.ts";
import type { Endpoint, Handler } from "./reply.ts";

/** Finds the endpoint of a request. */
export interface Router {
  /** @throws {ApiError} 501 for a path that no endpoint has, 405 for a method that it does not have */
  match(method: string, path: string): Match;
}

interface Match {
  handler: Handler;
  /** The path as the table writes it. */
  endpoint: string;
  params: Record<string, string>;
}

/** What clients ask for before they upload a Worker that uses it. */
const PRODUCTS: readonly { product: string; paths: RegExp }[] = [
  { product: "static assets", paths: /\/assets-upload-session$|\/workers\/assets\// },
  { product: "Workers for Platforms", paths: /^\/accounts\/[^/]+\/workers\/dispatch\// },
  { product: "KV", paths: /^\/accounts\/[^/]+\/storage\/kv\// },
  { product: "D1", paths: /^\/accounts\/[^/]+\/d1\// },
  { product: "R2", paths: /^\/accounts\/[^/]+\/r2\// },
  { product: "Queues", paths: /^\/accounts\/[^/]+\/queues\b/ },
  { product: "Workflows", paths: /^\/accounts\/[^/]+\/workflows\b/ },
  { product: "Containers", paths: /^\/accounts\/[^/]+\/containers\// },
  { product: "Vectorize", paths: /^\/accounts\/[^/]+\/vectorize\// },
  { product: "Hyperdrive", paths: /^\/accounts\/[^/]+\/hyperdrive\// },
  { product: "Workers AI", paths: /^\/accounts\/[^/]+\/ai\// },
  { product: "Pages", paths: /^\/accounts\/[^/]+\/pages\// },
];

interface Entry {
  method: string;
  path: string;
  handler: Handler;
  pattern: RegExp;
  names: string[];
}

/** A router over a table; the first entry that matches wins. */
export function createRouter(endpoints: readonly Endpoint[]): Router {
  const entries = endpoints.map(compile);
  return {
    match(method, path) {
      const samePath = entries.filter((entry) => entry.pattern.test(path));
      const entry = samePath.find((candidate) => candidate.method === method);
      if (entry !== undefined) {
        return { handler: entry.handler, endpoint: entry.path, params: readParams(entry, path) };
      }
      const product = PRODUCTS.find(({ paths }) => paths.test(path))?.product;
      if (product !== undefined) return fail(ERRORS.UNKNOWN_PRODUCT, { product, method, path });
      const allowed = [...new Set(samePath.map((candidate) => candidate.method))].join(", ");
      if (allowed !== "") return fail(ERRORS.METHOD_NOT_ALLOWED, { method, path, allowed });
      return fail(ERRORS.UNKNOWN_ENDPOINT, { method, path });
    },
  };
}

function compile([method, path, handler]: Endpoint): Entry {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, "([^/]+)")}/?$`);
  return { method, path, handler, pattern, names };
}

function readParams(entry: Entry, path: string): Record<string, string> {
  const [, ...values] = entry.pattern.exec(path) ?? [];
  try {
    return Object.fromEntries(
      entry.names.map((name, index) => [name, decodeURIComponent(values[index] ?? "")]),
    );
  } catch {
    return fail(ERRORS.UNKNOWN_OBJECT, { path });
  }
}
