import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test } from "vitest";
import { startSharedCloud, startTestCloud, uniqueName } from "./support/cloud.ts";
import { hello } from "./support/workers.ts";

const cloud = await startSharedCloud();
const origin = new URL(cloud.apiUrl).origin;
const SCRIPTS = "/accounts/:account/workers/scripts";
const AUTH = { authorization: "Bearer any-token-will-do" };

describe("faults", () => {
  afterEach(() => cloud.faults.clear());

  test("a status is answered instead, once, and clients may try again", async () => {
    cloud.faults.add({
      method: "GET",
      path: "^/zones$",
      status: 429,
      code: 971,
      message: "slow down",
      retryAfter: 2,
      headers: { "x-from": "test" },
    });
    const failed = await cloud.api("GET", "/zones");
    expect({ status: failed.status, errors: failed.errors }).toEqual({
      status: 429,
      errors: [{ code: 971, message: "slow down" }],
    });
    expect(failed.headers.get("retry-after")).toBe("2");
    expect(failed.headers.get("x-from")).toBe("test");
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
    const [first, second] = cloud.faults.list().map(({ id }) => id);
    const faults = [
      { id: first, path: "^/user$", status: 503, skip: 0, times: 1 },
      { id: second, drop: true, skip: 9, times: 1 },
    ];
    expect(set).toEqual({ faults, eventualConsistencyMs: 0 });
    expect(await (await fetch(url)).json()).toEqual({ faults, eventualConsistencyMs: 0 });
    expect((await cloud.api("GET", "/user")).status).toBe(503);
    const removed = await (await fetch(`${url}/${second}`, { method: "DELETE" })).json();
    expect(removed).toEqual({ faults: [], eventualConsistencyMs: 0 });
    const again = await fetch(`${url}/${second}`, { method: "DELETE" });
    expect([again.status, await again.json()]).toEqual([
      404,
      { error: `There is no fault ${second}; it is used up or was removed.` },
    ]);
    const wrong = await fetch(url, { method: "POST", body: '{"status":1}' });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: "fault.status: 1 is not allowed; give a whole number from 200 to 599." },
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
          {
            name: "worker.js",
            contentType: "application/javascript+module",
            sizeBytes: 17,
            sha256: "5515816d8e2214c4e2da5a5f5c72f4b3bb1a072b04e8c20414e7cde3a7f52141",
          },
          {
            name: "metadata",
            metadata: {
              main_module: "worker.js",
              bindings: [{ type: "secret_text", name: "KEY", text: "***" }],
            },
          },
        ],
        responseBytes: expect.any(Number),
        response: null,
        errors: [
          {
            code: 10021,
            message: expect.stringContaining("SyntaxError"),
            documentation_url: expect.stringContaining("#validation-errors-10021"),
          },
        ],
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
