import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { startSharedCloud, startTestCloud, uniqueName } from "./support/cloud.ts";
import { hello } from "./support/workers.ts";

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

describe("requests", () => {
  test("any token is good, but there must be one", async () => {
    expect((await ask("/client/v4/user", { headers: AUTH })).status).toBe(200);
    expect(
      (await ask("/client/v4/user", { headers: { "x-auth-key": "k", "x-auth-email": "a@b.c" } }))
        .status,
    ).toBe(200);
    expect(await ask("/client/v4/user")).toEqual({
      status: 400,
      errors: [
        { code: 9106, message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers" },
      ],
    });
    expect(await ask("/client/v4/user", { headers: { authorization: "Bearer " } })).toEqual({
      status: 400,
      errors: [{ code: 6003, message: "Invalid request headers" }],
    });
  });

  test("an endpoint that is not there is named, loudly, and clients do not try again", async () => {
    const warnings: string[] = [];
    const loud = await startTestCloud({ onWarning: (message) => warnings.push(message) });
    const answer = await loud.api("GET", `${SCRIPTS}/app/schedules`);
    const message = `The local cloud does not have GET /accounts/${loud.accountId}/workers/scripts/app/schedules. It has the endpoints of localcloud/src/api/table.ts; see localcloud/README.md.`;
    expect({ status: answer.status, errors: answer.errors }).toEqual({
      status: 501,
      errors: [{ code: 7000, message }],
    });
    expect(answer.headers.get("x-should-retry")).toBe("false");
    expect(warnings).toEqual([message]);
  });

  test("a method that the endpoint does not have is refused with those that it has", async () => {
    expect(await ask("/client/v4/zones", { method: "DELETE", headers: AUTH })).toEqual({
      status: 405,
      errors: [{ code: 10405, message: "Method DELETE is not allowed for /zones; it has GET." }],
    });
  });

  test("another account is 7003", async () => {
    const path = `/client/v4/accounts/${"0".repeat(32)}/workers/scripts`;
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
  ])("%s gets nothing, not even the journal", async (_, headers) => {
    for (const path of ["/client/v4/user", "/__localcloud/journal"]) {
      const line = await sendRaw(
        `GET ${path} HTTP/1.1\r\n${headers}\r\nAuthorization: Bearer x\r\n\r\n`,
      );
      expect(line).toBe("HTTP/1.1 403 Forbidden");
    }
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
});

describe("faults", () => {
  afterEach(() => cloud.faults.clear());

  test("a status is answered instead, once, and clients may try again", async () => {
    cloud.faults.add({
      method: "GET",
      path: "^/zones$",
      status: 429,
      code: 971,
      message: "slow down",
      headers: { "retry-after": "2" },
    });
    const failed = await cloud.api("GET", "/zones");
    expect({ status: failed.status, errors: failed.errors }).toEqual({
      status: 429,
      errors: [{ code: 971, message: "slow down" }],
    });
    expect(failed.headers.get("retry-after")).toBe("2");
    expect(failed.headers.get("x-should-retry")).toBeNull();
    expect((await cloud.api("GET", "/zones")).status).toBe(200);
  });

  test("an upload that is dropped before it is applied leaves nothing", async () => {
    const app = uniqueName();
    cloud.faults.add({ method: "PUT", path: `/scripts/${app}$`, drop: true });
    await expect(cloud.upload(app, hello("x"))).rejects.toThrow("fetch failed");
    expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).status).toBe(404);
  });

  test("an upload whose answer is lost is applied", async () => {
    const app = uniqueName();
    cloud.faults.add({ method: "PUT", path: `/scripts/${app}$`, drop: true, after: true });
    await expect(cloud.upload(app, hello("x"))).rejects.toThrow("fetch failed");
    expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).status).toBe(200);
  });

  test("an answer may be replaced after the request was applied", async () => {
    const app = uniqueName();
    cloud.faults.add({ method: "PUT", path: `/scripts/${app}$`, status: 500, after: true });
    expect((await cloud.upload(app, hello("x"))).errors).toEqual([
      { code: 10013, message: "An unknown error has occurred." },
    ]);
    expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).status).toBe(200);
  });

  test("an answer may be cut off in the middle", async () => {
    cloud.faults.add({ path: "^/zones$", truncate: true });
    await expect(cloud.api("GET", "/zones")).rejects.toThrow("terminated");
  });

  test("an answer may be late", async () => {
    cloud.faults.add({ path: "^/user$", delayMs: 150 });
    const started = performance.now();
    expect((await cloud.api("GET", "/user")).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(149);
  });

  test("an answer may be a proxy's page", async () => {
    cloud.faults.add({ path: "^/user$", status: 502, html: "<h1>Bad gateway</h1>" });
    const response = await fetch(`${cloud.apiUrl}/user`, { headers: AUTH });
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      502,
      "text/html",
      "<h1>Bad gateway</h1>",
    ]);
  });

  test("rules are set, listed and cleared from outside", async () => {
    const url = `${origin}/__localcloud/faults`;
    const rules = JSON.stringify([
      { path: "^/user$", status: 503 },
      { drop: true, skip: 9 },
    ]);
    const set = await (await fetch(url, { method: "POST", body: rules })).json();
    const faults = [
      { path: "^/user$", status: 503, skip: 0, times: 1 },
      { drop: true, skip: 9, times: 1 },
    ];
    expect(set).toEqual({ faults });
    expect(await (await fetch(url)).json()).toEqual({ faults });
    expect((await cloud.api("GET", "/user")).status).toBe(503);
    expect(await (await fetch(url, { method: "DELETE" })).json()).toEqual({ faults: [] });
    const wrong = await fetch(url, { method: "POST", body: '{"status":1}' });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: "fault.status: 1 is not allowed." },
    ]);
  });
});

describe("the journal", () => {
  test("each request is told to who asked for it, with what it sent and what came of it", async () => {
    const entries: unknown[] = [];
    const watched = await startTestCloud({ onRequest: (entry) => entries.push(entry) });
    await watched.upload("app", "export default {{", {
      bindings: [{ type: "secret_text", name: "KEY", text: "hush-hush" }],
    });
    expect(entries).toEqual([
      {
        number: 1,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        method: "PUT",
        path: `/client/v4/accounts/${watched.accountId}/workers/scripts/app`,
        endpoint: "/accounts/:account/workers/scripts/:script",
        status: 400,
        durationMs: expect.any(Number),
        userAgent: "terraform-provider-cloudflare/pulumi go/1.25",
        requestBytes: expect.any(Number),
        request: [
          { name: "worker.js", contentType: "application/javascript+module", sizeBytes: 17 },
          {
            name: "metadata",
            metadata: {
              main_module: "worker.js",
              bindings: [{ type: "secret_text", name: "KEY", text: "***" }],
            },
          },
        ],
        errors: [{ code: 10021, message: expect.stringContaining("SyntaxError") }],
        fault: false,
      },
    ]);
    expect(watched.journal).toEqual(entries);
    const shown = await (
      await fetch(`${new URL(watched.apiUrl).origin}/__localcloud/journal`)
    ).json();
    expect(shown).toEqual({ entries });
  });

  test("neither the journal nor the shown state holds a secret", async () => {
    const app = uniqueName();
    await cloud.upload(app, hello("x"), {
      bindings: [{ type: "secret_text", name: "KEY", text: "hush-hush" }],
    });
    const file = await readFile(`${cloud.dir}/journal.ndjson`, "utf8");
    const state = await (await fetch(`${origin}/__localcloud/state`)).text();
    expect(file).toContain(app);
    expect(state).toContain(app);
    for (const text of [file, state]) {
      expect(text).not.toContain("hush-hush");
      expect(text).not.toContain("local-cloud-token");
    }
  });

  test("a request that was dropped has status 0 and says that a fault acted", async () => {
    cloud.faults.add({ path: "^/user$", drop: true });
    await expect(cloud.api("GET", "/user")).rejects.toThrow("fetch failed");
    expect(cloud.journal.at(-1)).toMatchObject({ path: "/client/v4/user", status: 0, fault: true });
  });
});
