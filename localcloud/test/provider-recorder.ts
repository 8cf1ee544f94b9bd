import { EventEmitter, once } from "node:events";
import http from "node:http";

/** A request as it arrived. */
interface Recorded {
  readonly method: string;
  /** Path with query, below the base URL. */
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** How to answer; `drop` closes the connection without an answer. */
interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Sent as it is; otherwise `result` or `errors` in an envelope. */
  readonly raw?: string | Uint8Array;
  readonly result?: unknown;
  readonly errors?: readonly { code: number; message: string }[];
  readonly drop?: true;
}

/** An HTTP server that plays the API's answers and keeps what it was asked. */
export interface Recorder {
  /** `http://127.0.0.1:PORT/client/v4` */
  readonly baseUrl: string;
  readonly requests: readonly Recorded[];
  /** Replies to `METHOD /path?query` in this order; the last one stays. */
  on(call: string, ...replies: readonly Reply[]): void;
  /** `METHOD /path` of every request so far. */
  calls(): string[];
  /** Fulfilled once `METHOD /path` was asked and answered. */
  arrived(call: string): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. What no rule covers is a 501 that names it. */
export async function startRecorder(): Promise<Recorder> {
  const requests: Recorded[] = [];
  const rules = new Map<string, Reply[]>();
  const answered = new EventEmitter();
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = (request.url ?? "").replace("/client/v4", "");
      const method = request.method ?? "";
      const body = Buffer.concat(chunks).toString("utf8");
      requests.push({ method, path, headers: request.headers, body });
      play(response, nextReply(rules, `${method} ${path}`));
      answered.emit(`${method} ${path}`);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
  return {
    baseUrl: `http://127.0.0.1:${port}/client/v4`,
    requests,
    on: (call, ...replies) => rules.set(call, [...replies]),
    calls: () => requests.map(({ method, path }) => `${method} ${path}`),
    arrived: async (call) => {
      await once(answered, call);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function nextReply(rules: Map<string, Reply[]>, call: string): Reply {
  const replies = rules.get(call) ?? [];
  const [reply] = replies;
  if (replies.length > 1) replies.shift();
  const errors = [{ code: 1, message: `no rule for ${call}` }];
  return reply ?? { status: 501, headers: { "x-should-retry": "false" }, errors };
}

function play(response: http.ServerResponse, reply: Reply): void {
  if (reply.drop === true) {
    response.socket?.destroy();
    return;
  }
  const { status = 200, result = null, errors = [] } = reply;
  const envelope = { success: errors.length === 0, errors, messages: [], result };
  response.writeHead(status, { "content-type": "application/json", ...reply.headers });
  response.end(reply.raw ?? JSON.stringify(envelope));
}
