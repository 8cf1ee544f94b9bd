import { Agent, request } from "node:http";

export interface ReadOptions {
  readonly port: number;
  readonly path: string;
  /** Kept-alive connections, each of which asks again as soon as it has its answer. */
  readonly connections: number;
  readonly seconds: number;
}

export interface ReadOutcome {
  readonly requests: number;
  readonly perSecond: number;
  /** Answers with another status than 200. */
  readonly failed: number;
  /** One answer, the last. */
  readonly body: string;
}

/** Reads one address over and over. */
export async function readLoad(options: ReadOptions): Promise<ReadOutcome> {
  const { port, path, connections, seconds } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;
  const total = { requests: 0, failed: 0, body: "" };
  const reader = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const { status, body } = await get(agent, port, path);
      total.requests++;
      if (status !== 200) total.failed++;
      total.body = body;
    }
  };
  await Promise.all(Array.from({ length: connections }, reader));
  agent.destroy();
  return { ...total, perSecond: (total.requests * 1_000) / (performance.now() - startMs) };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function get(agent: Agent, port: number, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { Origin: "https://example.com" };
    const asked = request({ agent, host: "127.0.0.1", port, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end();
  });
}
