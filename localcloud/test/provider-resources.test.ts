import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { UNKNOWN } from "../provider/values.ts";
import type { Properties } from "../provider/values.ts";
import { DOMAIN, RECORD, ROUTE, SUBDOMAIN, startFixture } from "./provider-fixture.ts";
import type { Fixture } from "./provider-fixture.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.close());

const bodies = (): unknown[] =>
  fixture.api.requests.map(({ body }): unknown => (body === "" ? null : JSON.parse(body)));

describe("a route", () => {
  const inputs: Properties = { zoneId: "z", pattern: "a.example/*", script: "counter" };
  const item = "/zones/z/workers/routes/r1";
  const reported = { id: "r1", pattern: "a.example/*", script: "counter" };

  test("is created, updated and deleted", async () => {
    fixture.api.on("POST /zones/z/workers/routes", { result: reported });
    fixture.api.on(`PUT ${item}`, { result: reported });
    fixture.api.on(`DELETE ${item}`, { result: { id: "r1" } });
    const { id, outputs } = await fixture.engine.create(ROUTE, inputs);
    expect({ id, outputs }).toEqual({ id: "r1", outputs: inputs });
    const news = { zoneId: "z", pattern: "a.example/live/*" };
    const updated = await fixture.engine.update(ROUTE, id, { inputs, outputs }, news);
    expect(updated).toEqual(news);
    await fixture.engine.delete(ROUTE, id, updated);
    expect(fixture.api.calls()).toEqual([
      "POST /zones/z/workers/routes",
      `PUT ${item}`,
      `DELETE ${item}`,
    ]);
    expect(bodies()).toEqual([
      { pattern: "a.example/*", script: "counter" },
      // A script that is no longer stated is taken away, not left.
      { pattern: "a.example/live/*", script: null },
      null,
    ]);
  });

  test("shows a change by hand when refreshed", async () => {
    fixture.api.on(`GET ${item}`, { result: { ...reported, script: "other" } });
    const { inputs: seen } = await fixture.engine.read(ROUTE, "r1", { inputs, outputs: inputs });
    expect(seen).toEqual({ ...inputs, script: "other" });
  });

  test("that is gone is gone when refreshed, and an error when deleted", async () => {
    const errors = [{ code: 10009, message: "workers.api.error.not_found" }];
    fixture.api.on(`GET ${item}`, { status: 404, errors });
    fixture.api.on(`DELETE ${item}`, { status: 404, errors });
    const { id } = await fixture.engine.read(ROUTE, "r1", { inputs, outputs: inputs });
    expect(id).toBe("");
    await expect(fixture.engine.delete(ROUTE, "r1", inputs)).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details:
        "DELETE /zones/z/workers/routes/r1: HTTP 404 Not Found\n" +
        "  Cloudflare error 10009: workers.api.error.not_found\n" +
        "  What to do: it is gone already: run the same command with --refresh.",
    });
  });

  test("is imported by zone and id", async () => {
    fixture.api.on(`GET ${item}`, { result: reported });
    const imported = await fixture.engine.read(ROUTE, "z/r1");
    expect(imported).toEqual({ id: "r1", inputs, outputs: inputs });
    await expect(fixture.engine.read(ROUTE, "r1")).rejects.toMatchObject({
      details: "cannot import 'r1' as WorkersRoute: the id must be zoneId/its id",
    });
  });

  test("keeps hostile ids in their place of the path", async () => {
    const hostile = { ...inputs, zoneId: "../accounts/x?y#" };
    const call = "POST /zones/..%2Faccounts%2Fx%3Fy%23/workers/routes";
    fixture.api.on(call, { result: reported });
    await fixture.engine.create(ROUTE, hostile);
    expect(fixture.api.calls()).toEqual([call]);
  });

  test("with an unknown input is not sent", async () => {
    const create = fixture.engine.create(ROUTE, { ...inputs, script: UNKNOWN });
    await expect(create).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "script: not known although this is no preview",
    });
    expect(fixture.api.calls()).toEqual([]);
  });
});

describe("a custom domain", () => {
  const inputs: Properties = { accountId: "a", hostname: "count.example", service: "counter" };
  const reported = {
    id: "d1",
    hostname: "count.example",
    service: "counter",
    zone_id: "z",
    zone_name: "example",
    environment: "production",
    cert_id: "c1",
  };
  const outputs = {
    ...inputs,
    zoneId: "z",
    zoneName: "example",
    environment: "production",
    certId: "c1",
  };

  test("is put, and what the API chose is kept", async () => {
    fixture.api.on("PUT /accounts/a/workers/domains", { result: reported });
    expect(await fixture.engine.create(DOMAIN, inputs)).toEqual({ id: "d1", outputs });
    expect(bodies()).toEqual([{ hostname: "count.example", service: "counter" }]);
  });

  test("may be deleted with an empty answer", async () => {
    fixture.api.on("DELETE /accounts/a/workers/domains/d1", { raw: "" });
    await fixture.engine.delete(DOMAIN, "d1", outputs);
    expect(fixture.api.calls()).toEqual(["DELETE /accounts/a/workers/domains/d1"]);
  });

  test("refreshed shows no choice of the API as an input", async () => {
    fixture.api.on("GET /accounts/a/workers/domains/d1", { result: reported });
    const { inputs: seen } = await fixture.engine.read(DOMAIN, "d1", { inputs, outputs });
    expect(seen).toEqual(inputs);
  });

  test("has no update", async () => {
    const update = fixture.engine.update(DOMAIN, "d1", { inputs, outputs }, inputs);
    await expect(update).rejects.toMatchObject({
      details: "WorkersCustomDomain has no update: every change replaces it",
    });
  });
});

describe("a workers.dev address", () => {
  const inputs: Properties = { accountId: "a", scriptName: "counter", enabled: true };
  const path = "/accounts/a/workers/scripts/counter/subdomain";

  test("is switched, with the account's id as its id", async () => {
    fixture.api.on(`POST ${path}`, { result: { enabled: true, previews_enabled: false } });
    fixture.api.on(`DELETE ${path}`, { result: { enabled: false, previews_enabled: false } });
    const { id, outputs } = await fixture.engine.create(SUBDOMAIN, inputs);
    expect({ id, outputs }).toEqual({ id: "a", outputs: { ...inputs, previewsEnabled: false } });
    const news = { ...inputs, enabled: false, previewsEnabled: true };
    await fixture.engine.update(SUBDOMAIN, id, { inputs, outputs }, news);
    await fixture.engine.delete(SUBDOMAIN, id, outputs);
    expect(fixture.api.calls()).toEqual([`POST ${path}`, `POST ${path}`, `DELETE ${path}`]);
    expect(bodies()).toEqual([{ enabled: true }, { enabled: false, previews_enabled: true }, null]);
  });

  test("is imported by account and script, and shows that it was switched off by hand", async () => {
    fixture.api.on(`GET ${path}`, { result: { enabled: false, previews_enabled: false } });
    const imported = await fixture.engine.read(SUBDOMAIN, "a/counter");
    expect(imported.id).toBe("a");
    expect(imported.inputs).toEqual({ ...inputs, enabled: false });
  });
});

describe("a DNS record", () => {
  const inputs: Properties = {
    zoneId: "z",
    name: "a.example",
    type: "AAAA",
    content: "100::",
    proxied: true,
    ttl: 1,
    comment: "visitors",
  };
  const reported = {
    id: "n1",
    name: "a.example",
    type: "AAAA",
    content: "100::",
    proxied: true,
    ttl: 1,
    proxiable: true,
    settings: {},
    meta: {},
    tags: [],
    comment: "visitors",
    created_on: "2026-01-01T00:00:00Z",
    modified_on: "2026-01-01T00:00:00Z",
  };

  test("is created with what is stated and updated whole", async () => {
    fixture.api.on("POST /zones/z/dns_records", { result: reported });
    fixture.api.on("PUT /zones/z/dns_records/n1", { result: reported });
    const { id, outputs } = await fixture.engine.create(RECORD, inputs);
    const { comment, ...rest } = inputs;
    const news = { ...rest, content: "100::1" };
    await fixture.engine.update(RECORD, id, { inputs, outputs }, news);
    const body = { content: "100::", name: "a.example", proxied: true, ttl: 1, type: "AAAA" };
    expect(comment).toBe("visitors");
    expect(bodies()).toEqual([
      { ...body, comment: "visitors" },
      { ...body, content: "100::1", comment: null, settings: {}, tags: [] },
    ]);
  });

  test("has no drift when nobody touched it", async () => {
    fixture.api.on("GET /zones/z/dns_records/n1", { result: reported });
    const seen = await fixture.engine.read(RECORD, "n1", { inputs, outputs: inputs });
    expect(seen.inputs).toEqual(inputs);
    expect(seen.outputs).toMatchObject({ proxiable: true, createdOn: "2026-01-01T00:00:00Z" });
  });

  test("shows that it is no longer proxied, although the program says nothing of it", async () => {
    const { proxied, ...unproxied } = inputs;
    expect(proxied).toBe(true);
    fixture.api.on("GET /zones/z/dns_records/n1", { result: reported });
    const seen = await fixture.engine.read(RECORD, "n1", { inputs: unproxied, outputs: unproxied });
    expect(seen.inputs).toEqual(inputs);
  });
});

describe("functions", () => {
  const SCRIPTS = "cloudflare:index/getWorkersScripts:getWorkersScripts";
  const ZONES = "cloudflare:index/getZones:getZones";

  test("list the scripts of an account with their migration tags", async () => {
    fixture.api.on("GET /accounts/acc/workers/scripts", {
      result: [{ id: "counter", migration_tag: "v1", etag: null }],
    });
    expect(await fixture.engine.invoke(SCRIPTS, { accountId: "acc" })).toEqual({
      result: { accountId: "acc", results: [{ id: "counter", migrationTag: "v1" }] },
      failures: [],
    });
  });

  test("list the zones that match, page after page", async () => {
    const query = "account.id=acc&name=example.com";
    fixture.api.on(`GET /zones?${query}`, { result: [{ id: "z1", name_servers: ["a"] }] });
    fixture.api.on(`GET /zones?${query}&page=2`, { result: [{ id: "z2" }] });
    fixture.api.on(`GET /zones?${query}&page=3`, { result: [] });
    const args = { account: { id: "acc" }, name: "example.com" };
    expect(await fixture.engine.invoke(ZONES, args)).toEqual({
      result: { ...args, match: "all", results: [{ id: "z1", nameServers: ["a"] }, { id: "z2" }] },
      failures: [],
    });
  });

  test("know nothing while an argument is unknown", async () => {
    const { result } = await fixture.engine.invoke(SCRIPTS, { accountId: UNKNOWN });
    expect(result).toEqual({});
    expect(fixture.api.calls()).toEqual([]);
  });

  test("refuse arguments and names that they do not know", async () => {
    const { failures } = await fixture.engine.invoke(SCRIPTS, { account: "acc" });
    expect(failures).toEqual([
      "account: unknown property; known are accountId, maxItems, tags",
      "accountId: required, but not set",
    ]);
    await expect(fixture.engine.invoke("cloudflare:index/getIps:getIps", {})).rejects.toMatchObject(
      {
        details:
          "cloudflare:index/getIps:getIps: the local stand-in for the Cloudflare provider does not cover this function; it covers getWorkersScripts, getZones",
      },
    );
  });
});
