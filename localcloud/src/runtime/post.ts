import { request } from "node:http";

/** Why there is no answer. */
export interface NoAnswer {
  reason: "late" | "lost";
  message: string;
}

/** Sends `body` to a Worker that listens on `port`; gives its answer's text. Never throws. */
export function post(port: number, body: string, limitMs: number): Promise<string | NoAnswer> {
  const { promise, resolve } = Promise.withResolvers<string | NoAnswer>();
  const lost = ({ message }: Error): void => resolve({ reason: "lost", message });
  const outgoing = request(
    { host: "127.0.0.1", port, method: "POST", path: "http://localcloud/", agent: false },
    (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", lost);
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
    },
  );
  const timer = setTimeout(() => {
    resolve({ reason: "late", message: `no answer in ${limitMs} ms` });
    outgoing.destroy();
  }, limitMs);
  outgoing.on("error", lost);
  outgoing.on("close", () => clearTimeout(timer));
  outgoing.end(body);
  return promise;
}
