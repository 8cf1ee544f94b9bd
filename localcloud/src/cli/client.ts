import { isRecord, messageOf } from "../lib/unknown.ts";

/** A local cloud that runs on this machine, by the port of its API. */
export interface RunningCloud {
  /** The answer's JSON. @throws when nothing answers, and with the answer's `error` when it refuses */
  ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** The response as it comes. @throws when nothing answers */
  open(method: string, path: string, body?: unknown): Promise<Response>;
}

export function runningCloud(port: number): RunningCloud {
  const origin = `http://127.0.0.1:${port}`;
  async function open(method: string, path: string, body?: unknown): Promise<Response> {
    try {
      return await fetch(`${origin}/__localcloud/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new Error(
        `Nothing answers at ${origin}. Start a local cloud (localcloud start), or say where it is (--port).`,
        { cause: error },
      );
    }
  }
  return {
    open,
    async ask(method, path, body) {
      const response = await open(method, path, body);
      const answer = await readJson(origin, response);
      if (response.ok) return answer;
      throw new Error(messageOf(answer["error"] ?? `it answered ${response.status}`));
    },
  };
}

async function readJson(origin: string, response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw new Error(`What answers at ${origin} is no local cloud. Say where it is (--port).`);
}
