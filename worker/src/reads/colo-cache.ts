import { waitUntil } from "cloudflare:workers";

/**
 * JSON that the data center keeps for all isolates of this Worker. A help and no promise: on
 * workers.dev it keeps nothing, and whatever fails there counts as not kept.
 * https://developers.cloudflare.com/workers/runtime-apis/cache/
 * @param url under this Worker's own address, so that nobody else can write there
 */
export async function readColoCache(url: string): Promise<unknown> {
  try {
    const response = await caches.default.match(url);
    return response === undefined ? null : await response.json();
  } catch (error) {
    console.warn(error);
    return null;
  }
}

/** Keeps `value` for some seconds, without waiting until it is kept. */
export function writeColoCache(url: string, value: unknown, maxAgeSeconds: number): void {
  const headers = { "Cache-Control": `public, max-age=${maxAgeSeconds}` };
  const written = caches.default.put(url, Response.json(value, { headers }));
  waitUntil(written.catch((error: unknown) => console.warn(error)));
}
