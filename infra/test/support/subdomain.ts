import { createServer } from "node:http";
import { onTestFinished } from "vitest";

/** An API on this machine that knows the account's subdomain alone. */
export async function serveSubdomain(): Promise<{ baseUrl: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer(({ url, headers }, response) => {
    requests.push(`${headers.authorization} ${url}`);
    response.end(JSON.stringify({ success: true, result: { subdomain: "alice" } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return { baseUrl: `http://127.0.0.1:${address.port}/client/v4`, requests };
}
