import { connect } from "node:net";
import { expect, test } from "vitest";
import { startSharedCloud, startTestCloud } from "./support/cloud.ts";

const cloud = await startSharedCloud();
const origin = new URL(cloud.apiUrl).origin;
const SCRIPTS = "/accounts/:account/workers/scripts";
const AUTH = { authorization: "Bearer any-token-will-do" };

/** Status and errors of a request that is written by hand. */
async function ask(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; errors: unknown }> {
  const response = await fetch(`${origin}${path}`, init);
  const body: unknown = await response.json();
  return {
    status: response.status,
    errors: typeof body === "object" && body !== null && "errors" in body ? body.errors : body,
  };
}

/** Sends bytes as they are and returns the status line of the answer. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8");
    socket.once("data", (data) => {
      resolve(String(data).split("\r\n")[0] ?? "");
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

test("any token is good, but there must be one", async () => {
  expect((await ask("/client/v4/user", { headers: AUTH })).status).toBe(200);
  expect(
    (await ask("/client/v4/user", { headers: { "x-auth-key": "k", "x-auth-email": "a@b.c" } }))
      .status,
  ).toBe(200);
  expect(await ask("/client/v4/user")).toEqual({
    status: 400,
    errors: [{ code: 9106, message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers" }],
  });
  expect(await ask("/client/v4/user", { headers: { authorization: "Bearer " } })).toEqual({
    status: 400,
    errors: [{ code: 6003, message: "Invalid request headers" }],
  });
});

test("an endpoint that is not there is named, loudly, and clients do not try again", async () => {
  const warnings: string[] = [];
  const loud = await startTestCloud({ onWarning: (message) => warnings.push(message) });
  const answer = await loud.api("GET", `${SCRIPTS}/app/usage-model`);
  const message = `The local cloud does not have GET /accounts/${loud.accountId}/workers/scripts/app/usage-model. Its README says what it has, and what it has not.`;
  expect({ status: answer.status, errors: answer.errors }).toEqual({
    status: 501,
    errors: [{ code: 7000, message }],
  });
  expect(answer.headers.get("x-should-retry")).toBe("false");
  expect(warnings).toEqual([message]);
});

test.each([
  ["POST", "storage/kv/namespaces", "KV"],
  ["GET", "queues", "Queues"],
  ["POST", "workers/scripts/app/assets-upload-session", "static assets"],
])("%s %s says that there is no %s here", async (method, path, product) => {
  const below = `/accounts/${cloud.accountId}/${path}`;
  expect(await ask(`/client/v4${below}`, { method, headers: AUTH })).toEqual({
    status: 501,
    errors: [
      {
        code: 7000,
        message: `The local cloud does not have ${product} (${method} ${below}). It has Durable Objects, service bindings, rate limits, version metadata, variables and secrets: leave ${product} out of what is deployed to it.`,
      },
    ],
  });
});

test("a method that the endpoint does not have is refused with those that it has", async () => {
  expect(await ask("/client/v4/zones", { method: "DELETE", headers: AUTH })).toEqual({
    status: 405,
    errors: [
      { code: 10405, message: "Method DELETE is not allowed for /zones; it has GET, POST." },
    ],
  });
});

test("another account is what the token may not see", async () => {
  const path = `/client/v4/accounts/${"0".repeat(32)}/workers/scripts`;
  expect(await ask(path, { headers: AUTH })).toEqual({
    status: 403,
    errors: [{ code: 10000, message: "Authentication error" }],
  });
});

test("what cannot be an account is 7003", async () => {
  const path = "/client/v4/accounts/mine/workers/scripts";
  expect(await ask(path, { headers: AUTH })).toEqual({
    status: 404,
    errors: [
      {
        code: 7003,
        message: `Could not route to ${path}, perhaps your object identifier is invalid?`,
      },
    ],
  });
});

test("a path outside the API is told where the API is", async () => {
  expect(await ask("/zones", { headers: AUTH })).toEqual({
    status: 404,
    errors: [
      { code: 7000, message: "No route for that URI: /zones. The API is below /client/v4." },
    ],
  });
});

test.each([
  [
    "{",
    "Could not parse the request body: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
  ],
  ["", "Could not parse the request body: Unexpected end of JSON input"],
])("the body %j is refused", async (body, message) => {
  const path = `/client/v4/zones/${cloud.zoneId("localhost")}/workers/routes`;
  expect(await ask(path, { method: "POST", headers: AUTH, body })).toEqual({
    status: 400,
    errors: [{ code: 10012, message }],
  });
});

test("a body that is no object is refused", async () => {
  const path = `/client/v4/zones/${cloud.zoneId("localhost")}/workers/routes`;
  expect(await ask(path, { method: "POST", headers: AUTH, body: "[1]" })).toEqual({
    status: 400,
    errors: [{ code: 10001, message: "body: must be a JSON object" }],
  });
});

test("a body that is too large is refused, and the next request is served", async () => {
  const path = `/client/v4/zones/${cloud.zoneId("localhost")}/workers/routes`;
  const body = "x".repeat(1024 * 1024 + 1);
  expect(await ask(path, { method: "POST", headers: AUTH, body })).toEqual({
    status: 413,
    errors: [
      {
        code: 10027,
        message: "workers.api.error.script_too_large: the request is larger than 1048576 bytes",
      },
    ],
  });
  expect((await ask("/client/v4/user", { headers: AUTH })).status).toBe(200);
});

test.each([
  ["a page of another origin", "Host: localhost:1\r\nOrigin: https://evil.example"],
  ["a host name that points here", "Host: evil.example"],
  ["a Worker's page on the edge", "Host: localhost:1\r\nOrigin: http://localhost:2"],
  ["a page without an origin", "Host: localhost:1\r\nOrigin: null"],
  [
    "an image of another page",
    "Host: localhost:1\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors",
  ],
])("%s gets nothing, not even the journal", async (_, headers) => {
  for (const path of ["/client/v4/user", "/__localcloud/journal"]) {
    const line = await sendRaw(
      `GET ${path} HTTP/1.1\r\n${headers}\r\nAuthorization: Bearer x\r\n\r\n`,
    );
    expect(line).toBe("HTTP/1.1 403 Forbidden");
  }
});

test.each([
  ["the page's own requests", "Origin: http://localhost:1\r\nSec-Fetch-Site: same-origin"],
  ["a link to the page", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate"],
])("%s are served", async (_, headers) => {
  const line = await sendRaw(`GET / HTTP/1.1\r\nHost: localhost:1\r\n${headers}\r\n\r\n`);
  expect(line).toBe("HTTP/1.1 200 OK");
});

test.each(["//evil/client/v4/user", "http://[", "/client/v4/%zz/user"])(
  "the target %s is answered like any path that is not there",
  async (target) => {
    const line = await sendRaw(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n`,
    );
    expect(line).toMatch(/^HTTP\/1\.1 (404 Not Found|501 Not Implemented)$/);
  },
);

test("in strict mode failures do not say that trying again is of no use", async () => {
  const strict = await startTestCloud({ strict: true });
  const { status, headers } = await strict.api("GET", `${SCRIPTS}/nobody/settings`);
  expect({ status, retry: headers.get("x-should-retry") }).toEqual({ status: 404, retry: null });
});

test("a fault with a header that cannot be sent is refused when it is added", async () => {
  const body = JSON.stringify({ status: 429, headers: { "bad header": "1" } });
  const response = await fetch(`${origin}/__localcloud/faults`, { method: "POST", body });
  expect({ status: response.status, body: await response.json() }).toEqual({
    status: 400,
    body: { error: 'fault.headers: Header name must be a valid HTTP token ["bad header"]' },
  });
});

test("an answer that cannot be sent costs its own connection, and the next request is served", async () => {
  const warnings: string[] = [];
  const local = await startTestCloud({ onWarning: (message) => warnings.push(message) });
  // Node refuses it beside a content-length, and only when the answer is sent.
  local.faults.add({ status: 429, headers: { trailer: "x-checksum" } });
  await expect(local.api("GET", "/zones")).rejects.toThrow("fetch failed");
  expect(warnings).toEqual([
    "GET /client/v4/zones could not be answered: Trailers are invalid with this transfer encoding",
  ]);
  expect((await local.api("GET", "/zones")).status).toBe(200);
});
