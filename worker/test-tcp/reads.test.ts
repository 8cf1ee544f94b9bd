import { Agent, get } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { COUNTED_WORKER, callsOf } from "./support/counted-worker.ts";
import { type Server, startServer } from "./support/server.ts";
import { Visitor, freshPage } from "./support/visitor.ts";

const BURST = 4_000;
const CONNECTIONS = 100;
const FRESH_MS = 5_000;

let server: Server;
let port: number;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

beforeAll(async () => {
  server = await startServer({ wrapper: COUNTED_WORKER });
  ({ port } = server);
});

afterAll(async () => {
  agent.destroy();
  await server[Symbol.asyncDispose]();
});

/** Status and body, over one of {@link CONNECTIONS} that are kept. */
function read(path: string): Promise<[status: number | undefined, body: string]> {
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path, agent }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve([response.statusCode, body]));
    });
    request.on("error", reject);
  });
}

function countOf([status, body]: [status: number | undefined, body: string]): unknown {
  const { count }: { count?: unknown } = Object(JSON.parse(body));
  return status === 200 ? count : status;
}

test("a burst of reads, of lists and of badges costs a page's object one call in five seconds", async () => {
  const [page, other] = [freshPage(), freshPage()];
  const visitors = [await Visitor.join({ port, page }), await Visitor.join({ port, page })];
  await visitors[0]?.sees(2);
  const startMs = performance.now();
  const reads = Array.from({ length: BURST }, (_, index) => {
    if (index % 4 === 0) return read(`/badge.svg?page=${page}`).then(([status]) => status);
    return read(`/count?page=${page}${index % 4 === 1 ? `&page=${other}` : ""}`).then(countOf);
  });
  const answers = new Set(await Promise.all(reads));
  const tookMs = performance.now() - startMs;
  expect(answers).toEqual(new Set([2, 200]));
  const calls = await callsOf(port);
  const asked = [page, other].map((key) => calls[`count ${key}`] ?? 0);
  console.log(`${BURST} reads in ${Math.round(tookMs)} ms: ${asked.join(" and ")} calls`);
  // As many as windows of five seconds began; one, when the machine is not too slow for it.
  const most = Math.ceil(tookMs / FRESH_MS);
  expect(Math.min(...asked)).toBeGreaterThan(0);
  expect(Math.max(...asked)).toBeLessThanOrEqual(most);
  for (const visitor of visitors) visitor.socket.terminate();
});

test("a list of fifty pages is read whole", async () => {
  const pages = Array.from({ length: 50 }, () => freshPage());
  const visitor = await Visitor.join({ port, page: pages[49] ?? "" });
  await visitor.sees(1);
  const [status, body] = await read(`/count?${pages.map((page) => `page=${page}`).join("&")}`);
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    count: 1,
    pages: pages.map((page, index) => ({ page, count: index === 49 ? 1 : 0, asked: page })),
    timestamp: expect.any(Number),
  });
  visitor.socket.terminate();
});
