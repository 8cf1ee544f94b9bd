import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { fetchAccountSubdomain } from "../src/account-subdomain.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const WHAT = "The stack's address on workers.dev needs the account's subdomain, and ";

interface Answer {
  readonly status?: number;
  readonly body: unknown;
}

/** A server on this machine that gives one answer and keeps the requests. */
async function serve({ status = 200, body }: Answer) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { baseUrl: `http://127.0.0.1:${portOf(server.address())}/client/v4`, requests };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return address.port;
}

async function fetchFrom(answer: Answer) {
  const { baseUrl } = await serve(answer);
  return fetchAccountSubdomain({ accountId: ACCOUNT, token: "t0ken", baseUrl });
}

function refusal(code: number, message: string) {
  return { success: false, errors: [{ code, message }], messages: [], result: null };
}

test("asks the API for the account's subdomain, with the token", async () => {
  const { baseUrl, requests } = await serve({
    body: { success: true, errors: [], messages: [], result: { subdomain: "alice" } },
  });
  await expect(
    fetchAccountSubdomain({ accountId: ACCOUNT, token: "t0ken", baseUrl }),
  ).resolves.toBe("alice");
  expect(requests.map(({ method, url, headers }) => [method, url, headers.authorization])).toEqual([
    ["GET", `/client/v4/accounts/${ACCOUNT}/workers/subdomain`, "Bearer t0ken"],
  ]);
});

test("tells so when the subdomain is empty", async () => {
  await expect(fetchFrom({ body: { success: true, result: { subdomain: "" } } })).rejects.toThrow(
    `${WHAT}the account has none yet; choose one in the dashboard`,
  );
});

test.each([10007, 10063])(
  "tells how to choose a subdomain when there is none (%i)",
  async (code) => {
    await expect(
      fetchFrom({ status: 404, body: refusal(code, "workers.api.error.subdomain_not_found") }),
    ).rejects.toThrow(
      `${WHAT}the account has none yet; choose one in the dashboard (Workers & Pages, once for the account), or set customDomain, or route and zone, instead of workersDev.`,
    );
  },
);

test.each([401, 403])("tells to check the token when the API refuses it (%i)", async (status) => {
  await expect(fetchFrom({ status, body: refusal(10000, "Authentication error") })).rejects.toThrow(
    `${WHAT}Cloudflare's API answered ${status}, 10000 Authentication error; check that the API token is valid and may read Workers Scripts of this account.`,
  );
});

test.each([
  ["an error of its own", { status: 500, body: refusal(10013, "internal") }, "500, 10013 internal"],
  ["a page instead of JSON", { status: 502, body: "<html>" }, "502"],
  ["no success", { body: { result: null, errors: [] } }, "200"],
])("says what came when the API answers with %s", async (_what, answer, shown) => {
  await expect(fetchFrom(answer)).rejects.toThrow(
    `${WHAT}Cloudflare's API answered ${shown}; try again, or set customDomain, or route and zone, instead of workersDev.`,
  );
});

test("says which token to set when there is none", async () => {
  await expect(
    fetchAccountSubdomain({ accountId: ACCOUNT, token: undefined, baseUrl: "http://127.0.0.1:1" }),
  ).rejects.toThrow(`${WHAT}no API token is set; set CLOUDFLARE_API_TOKEN in the environment.`);
});

test("says that the API cannot be reached, without naming account or token", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server.address());
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const baseUrl = `http://127.0.0.1:${port}/client/v4`;
  await expect(
    fetchAccountSubdomain({ accountId: ACCOUNT, token: "t0ken", baseUrl }),
  ).rejects.toThrow(
    `${WHAT}http://127.0.0.1:${port} cannot be reached (connect ECONNREFUSED 127.0.0.1:${port}); check the network and try again.`,
  );
});
