import { LOCAL_TOKEN } from "../../localcloud/src/index.ts";

/**
 * @param url in full
 * @returns `result` of the answer
 * @throws Error with the answer, when it is a refusal
 */
export async function call(method: string, url: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${LOCAL_TOKEN}` };
  const response = await fetch(url, { method, headers });
  const body: unknown = await response.json();
  if (response.ok) return field(body, "result");
  throw new Error(
    `The local cloud answers ${response.status} to ${method} ${url}: ${JSON.stringify(body)}`,
  );
}

/** A property of something unknown; undefined when there is none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The items of something unknown; none when it is no array. */
export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
