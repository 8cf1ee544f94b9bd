import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LOCAL_RETRIES, shouldRetry, waitMs } from "../provider/api/retry.ts";
import { startProvider } from "../provider/index.ts";
import { Engine, TOKEN } from "./provider-engine.ts";
import { ROUTE, SCRIPT, scriptInputs, startFixture } from "./provider-fixture.ts";
import type { Fixture } from "./provider-fixture.ts";

const POST = "POST /zones/z/workers/routes";
const PUT = "PUT /accounts/acc/workers/scripts/counter";
const inputs = { zoneId: "z", pattern: "a.example/*", script: "counter" };
const MAYBE_DONE =
  "  What to do: it may have been carried out all the same: run the same command again.";
const created = { result: { id: "r1" } };

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.close());

describe("a request is sent again", () => {
  test.each([408, 409, 429, 500, 503])("after HTTP %d", async (httpStatus) => {
    fixture.api.on(POST, { status: httpStatus, raw: "busy" }, created);
    expect((await fixture.engine.create(ROUTE, inputs)).id).toBe("r1");
    expect(fixture.api.calls()).toEqual([POST, POST]);
  });

  test("after a lost answer", async () => {
    fixture.api.on(POST, { drop: true }, created);
    expect((await fixture.engine.create(ROUTE, inputs)).id).toBe("r1");
    expect(fixture.api.calls()).toEqual([POST, POST]);
  });

  test("ten times, and then the last answer is the error", async () => {
    fixture.api.on(POST, { status: 500, errors: [{ code: 10013, message: "unknown" }] });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toMatchObject({
      code: status.UNKNOWN,
      details:
        "POST /zones/z/workers/routes: HTTP 500 Internal Server Error\n" +
        "  Cloudflare error 10013: unknown\n" +
        MAYBE_DONE,
    });
    expect(fixture.api.requests).toHaveLength(11);
  });

  test("not when the answer forbids it", async () => {
    const errors = [{ code: 10020, message: "A route with the same pattern already exists." }];
    fixture.api.on(POST, { status: 409, headers: { "x-should-retry": "false" }, errors });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toMatchObject({
      code: status.ALREADY_EXISTS,
      details:
        "POST /zones/z/workers/routes: HTTP 409 Conflict\n" +
        "  Cloudflare error 10020: A route with the same pattern already exists.\n" +
        "  What to do: another route of the zone has this pattern: delete it, or take it over with `pulumi import cloudflare:index/workersRoute:WorkersRoute NAME ZONE_ID/ROUTE_ID`.",
    });
    expect(fixture.api.calls()).toEqual([POST]);
  });

  test.each([400, 403, 404, 412])("not after HTTP %d", async (httpStatus) => {
    fixture.api.on(POST, { status: httpStatus, errors: [{ code: 1, message: "no" }] });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toThrow(`HTTP ${httpStatus}`);
    expect(fixture.api.calls()).toEqual([POST]);
  });
});

const wait = (headers: Record<string, string>): number => waitMs(LOCAL_RETRIES, 1, headers, 0);

describe("the wait before the next try", () => {
  test("doubles up to half a second", () => {
    const waits = [1, 2, 3, 4, 5, 6, 10].map((tries) => waitMs(LOCAL_RETRIES, tries, {}, 0));
    expect(waits).toEqual([25, 50, 100, 200, 400, 500, 500]);
  });

  test("is what the answer asks for, below a minute", () => {
    expect(wait({ "retry-after": "2" })).toBe(2000);
    expect(wait({ "retry-after-ms": "7" })).toBe(7);
    expect(wait({ "retry-after": "Thu, 01 Jan 1970 00:00:03 GMT" })).toBe(3000);
    expect(wait({ "retry-after": "3600" })).toBe(25);
    expect(wait({ "retry-after": "soon" })).toBe(25);
  });

  test("is not waited when the answer says whether to try", () => {
    expect(shouldRetry(409, { "x-should-retry": "false" })).toBe(false);
    expect(shouldRetry(400, { "x-should-retry": "true" })).toBe(true);
  });

  test("ends when the engine cancels", async () => {
    fixture.api.on(POST, { status: 429, headers: { "retry-after": "50" }, raw: "" });
    const [outcome] = await Promise.allSettled([
      fixture.engine.create(ROUTE, inputs),
      fixture.api.arrived(POST).then(() => fixture.engine.cancel()),
    ]);
    expect(outcome).toMatchObject({
      status: "rejected",
      reason: {
        code: status.CANCELLED,
        details: `${POST}: cancelled before try 2 (HTTP 429 to the last)`,
      },
    });
  });
});

describe("an error", () => {
  test("of a migration says what to do about the tag", async () => {
    const message =
      "Actor migration tag precondition failed, got tag '' when expected tag is 'v1'. Please make sure the tags match and try again.";
    fixture.api.on(PUT, { status: 412, errors: [{ code: 10079, message }] });
    await expect(fixture.engine.create(SCRIPT, scriptInputs())).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details:
        "PUT /accounts/acc/workers/scripts/counter: HTTP 412 Precondition Failed\n" +
        `  Cloudflare error 10079: ${message}\n` +
        "  What to do: migrations.oldTag must be the tag that is deployed now: compute it from getWorkersScripts instead of stating it. If somebody deployed meanwhile, run the same command again.",
    });
  });

  test("after a lost answer leaves open whether the resource was changed", async () => {
    const errors = [{ code: 10079, message: "tag" }];
    fixture.api.on(PUT, { drop: true }, { status: 412, errors });
    const create = fixture.engine.create(SCRIPT, scriptInputs());
    await expect(create).rejects.toMatchObject({
      code: status.UNKNOWN,
      details:
        "PUT /accounts/acc/workers/scripts/counter: HTTP 412 Precondition Failed\n" +
        "  Cloudflare error 10079: tag\n" +
        "  What to do: an earlier try of this request was carried out although its answer was lost: run the same command again.",
    });
  });

  test("of a deletion whose answer was lost says how to go on", async () => {
    const DELETE = "DELETE /zones/z/workers/routes/r1";
    const errors = [{ code: 10009, message: "Route not found" }];
    fixture.api.on(DELETE, { drop: true }, { status: 404, errors });
    await expect(fixture.engine.delete(ROUTE, "r1", inputs)).rejects.toMatchObject({
      code: status.UNKNOWN,
      details:
        `${DELETE}: HTTP 404 Not Found\n` +
        "  Cloudflare error 10009: Route not found\n" +
        "  What to do: it is gone already, by an earlier try whose answer was lost: run the same command with --refresh.",
    });
  });

  test.each([
    ["POST", "it may have been carried out all the same: run the same command again."],
    [
      "DELETE",
      "it may have been carried out all the same: run the same command again, with --refresh.",
    ],
  ])("when no answer comes at all (%s) says what is not known", async (method, advice) => {
    fixture.api.on(POST, { drop: true });
    fixture.api.on("DELETE /zones/z/workers/routes/r1", { drop: true });
    const call =
      method === "POST"
        ? fixture.engine.create(ROUTE, inputs)
        : fixture.engine.delete(ROUTE, "r1", inputs);
    await expect(call).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: expect.stringMatching(new RegExp(`no answer from .*\\n  What to do: ${advice}$`)),
    });
  });

  test.each([
    [10061, /a new class needs a step with newSqliteClasses/],
    [10064, /export it again, or add a migration step/],
    [10021, /What was deployed before keeps serving/],
    [7003, /compare the account, zone and resource ids/],
    [10000, /check the API token/],
    [81053, /delete it, or take it over with `pulumi import/],
    [81058, /delete it, or take it over with `pulumi import/],
    [100116, /detach it there/],
    [100117, /delete the DNS records of the hostname/],
  ])("%d comes with advice", async (code, advice) => {
    fixture.api.on(PUT, { status: 400, errors: [{ code, message: "m" }] });
    await expect(fixture.engine.create(SCRIPT, scriptInputs())).rejects.toThrow(advice);
  });

  test("that is no JSON is shown as what it is", async () => {
    const headers = { "content-type": "text/html", "x-should-retry": "false" };
    fixture.api.on(POST, { status: 502, headers, raw: "<h1>Bad\n gateway</h1>" });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toMatchObject({
      code: status.UNKNOWN,
      details:
        "POST /zones/z/workers/routes: HTTP 502 Bad Gateway\n" +
        "  The answer (text/html) is not JSON: <h1>Bad gateway</h1>\n" +
        MAYBE_DONE,
    });
  });

  test("is what half an answer is", async () => {
    fixture.api.on(POST, { raw: '{"success":tr' });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toMatchObject({
      code: status.UNKNOWN,
      details:
        "POST /zones/z/workers/routes: HTTP 200 OK\n" +
        '  The answer (application/json) is not JSON: {"success":tr\n' +
        MAYBE_DONE,
    });
  });

  test("is what an empty answer to a deletion is", async () => {
    fixture.api.on("DELETE /zones/z/workers/routes/r1", { raw: "" });
    await expect(fixture.engine.delete(ROUTE, "r1", inputs)).rejects.toThrow(
      "The answer is empty; JSON was expected.",
    );
  });

  test("is what an answer without an id is", async () => {
    fixture.api.on(POST, { result: {} });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toMatchObject({
      code: status.UNKNOWN,
      details: "POST /zones/z/workers/routes: the answer lacks an id in the result",
    });
  });

  test("never shows the token", async () => {
    const errors = [{ code: 10000, message: `bad token ${TOKEN}` }];
    fixture.api.on(POST, { status: 403, errors });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toThrow("bad token [secret]");
  });

  test("of a local cloud that is not running says how to start it", async () => {
    const baseUrl = fixture.api.baseUrl;
    await fixture.api.close();
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: `POST /zones/z/workers/routes: the local cloud is not running at ${baseUrl}: start it with \`npm run local\``,
    });
    fixture.engine.close();
  });

  test("is not followed to another machine", async () => {
    const headers = { location: "https://evil.example/" };
    fixture.api.on(POST, { status: 302, headers, raw: "" });
    await expect(fixture.engine.create(ROUTE, inputs)).rejects.toThrow("HTTP 302 Found");
  });
});

test("a name below localhost reaches this machine without a name server", async () => {
  const { api, programDir } = fixture;
  const provider = await startProvider({ programDir, env: {} });
  const engine = new Engine(provider.port);
  const baseUrl = api.baseUrl.replace("127.0.0.1", "cloud.localhost");
  await engine.configure({ baseUrl, apiToken: TOKEN });
  api.on(POST, created);
  expect((await engine.create(ROUTE, inputs)).id).toBe("r1");
  engine.close();
  await provider.close();
});
