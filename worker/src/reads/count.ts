import type { Config, Env } from "../env.ts";
import { refuseUnlessRead } from "../http.ts";
import { cachingHeaders } from "./caching.ts";
import { readTotal } from "./total.ts";

/** `GET /count`: the visitors of pages, in JSON. */
export async function count(request: Request, env: Env, config: Config): Promise<Response> {
  const refusal = refuseUnlessRead(request);
  if (refusal !== null) return refusal;
  const total = await readTotal(request, env, config);
  if (total instanceof Response) return total;
  return Response.json(total, { headers: cachingHeaders(total.timestamp) });
}
