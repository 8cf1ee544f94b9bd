import { type Agent, request } from "node:http";

/** An answer of the edge. */
export interface EdgeAnswer {
  status: number;
  text: string;
}

/**
 * Asks the edge at `port`, by a Host header: Node does not resolve `*.localhost`.
 * @param options.agent whose connections are used; false for one of its own
 */
export function visit(
  port: number,
  path: string,
  { headers, agent }: { headers: Record<string, string>; agent: Agent | false },
): Promise<EdgeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<EdgeAnswer>();
  request({ host: "127.0.0.1", port, path, headers, agent }, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      text += chunk;
    });
    response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    response.on("error", reject);
  })
    .on("error", reject)
    .end();
  return promise;
}
