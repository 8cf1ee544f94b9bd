import unsafe from "workerd:unsafe";
import { setClockOffset } from "./clock.ts";

/** Below this the harness acts on the Worker under test. */
export const CONTROL_PATH = "/__exactness/";

/**
 * `evict?binding=&name=&webSockets=hibernate|close` puts an object to sleep or restarts it;
 * `clock?offsetMs=` steps the clock. 409 with the runtime's own words when it does not do that.
 */
export async function control(
  { pathname, searchParams }: URL,
  env: { readonly [name: string]: unknown },
): Promise<Response> {
  if (pathname === `${CONTROL_PATH}clock`) {
    setClockOffset(Number(searchParams.get("offsetMs")));
    return new Response();
  }
  const namespace = env[searchParams.get("binding") ?? ""];
  if (pathname !== `${CONTROL_PATH}evict` || !isNamespace(namespace)) {
    return new Response(null, { status: 404 });
  }
  const webSockets = searchParams.get("webSockets") === "close" ? "close" : "hibernate";
  try {
    await unsafe.evict(namespace.getByName(searchParams.get("name") ?? ""), { webSockets });
    return new Response();
  } catch (error) {
    return new Response(String(error), { status: 409 });
  }
}

function isNamespace(binding: unknown): binding is DurableObjectNamespace {
  return typeof binding === "object" && binding !== null && "getByName" in binding;
}
