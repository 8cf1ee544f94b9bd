import { expect, test } from "vitest";
import { createValidator } from "./contract/validate.ts";
import { startTestCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding } from "./support/workers.ts";

test("a walk through the endpoints gives the answers that Cloudflare documents", async () => {
  const cloud = await startTestCloud();
  const app = uniqueName();
  const zone = `/zones/${cloud.zoneId("localhost")}`;
  const script = `/accounts/:account/workers/scripts/${app}`;
  const upload = await cloud.upload(app, counter("Room"), {
    bindings: [
      counterBinding("Room"),
      { type: "json", name: "ORIGINS", json: ["https://a.example"] },
      { type: "plain_text", name: "GREETING", text: "hello" },
      { type: "secret_text", name: "KEY", text: "hush" },
      { type: "ratelimit", name: "LIMIT", namespace_id: "1001", simple: { limit: 10, period: 60 } },
      { type: "service", name: "SELF", service: app },
      { type: "version_metadata", name: "VERSION" },
    ],
    migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
    compatibility_date: "2026-09-01",
    observability: { enabled: true, logs: { enabled: true, invocation_logs: true } },
    placement: { mode: "smart" },
    limits: { cpu_ms: 50 },
    annotations: { "workers/message": "first" },
  });
  const statuses = [upload.status];
  const call = async (method: string, path: string, body?: unknown): Promise<string> => {
    const { status, result } = await cloud.api(method, path, body);
    statuses.push(status);
    return result?.id;
  };
  for (const path of [
    "/user",
    "/user/tokens/verify",
    "/memberships",
    "/accounts",
    "/zones",
    zone,
  ]) {
    await call("GET", path);
  }
  for (const path of ["", "/tokens/verify", "/workers/scripts", "/workers/subdomain"]) {
    await call("GET", `/accounts/:account${path}`);
  }
  await call("GET", `/accounts/:account/workers/services/${app}`);
  await call("GET", `${script}/settings`);
  const { result: uploaded } = await cloud.uploadVersion(app, counter("Room"), {
    bindings: [counterBinding("Room")],
    keep_bindings: ["json", "plain_text", "secret_text", "ratelimit", "service"],
  });
  await call("GET", `${script}/versions`);
  await call("GET", `${script}/versions/${uploaded.id}`);
  const strategy = "percentage";
  const versions = [{ version_id: uploaded.id, percentage: 100 }];
  const deployment = await call("POST", `${script}/deployments`, { strategy, versions });
  await call("POST", `${script}/deployments`, { strategy, versions });
  await call("GET", `${script}/deployments`);
  await call("GET", `${script}/deployments/${deployment}`);
  await call("DELETE", `${script}/deployments/${deployment}`);
  await call("POST", `${script}/subdomain`, { enabled: true });
  await call("GET", `${script}/subdomain`);
  await call("DELETE", `${script}/subdomain`);
  const input = { name: "count", type: "AAAA", content: "100::", proxied: true, ttl: 1 };
  const record = await call("POST", `${zone}/dns_records`, input);
  await call("GET", `${zone}/dns_records`);
  await call("GET", `${zone}/dns_records/${record}`);
  await call("PUT", `${zone}/dns_records/${record}`, {
    ...input,
    comment: "ours",
    tags: [],
    settings: {},
  });
  await call("PATCH", `${zone}/dns_records/${record}`, { content: "100::1" });
  await call("DELETE", `${zone}/dns_records/${record}`);
  const route = await call("POST", `${zone}/workers/routes`, {
    pattern: "localhost/*",
    script: app,
  });
  await call("GET", `${zone}/workers/routes`);
  await call("GET", `${zone}/workers/routes/${route}`);
  await call("PUT", `${zone}/workers/routes/${route}`, {
    pattern: "localhost/live/*",
    script: app,
  });
  await call("DELETE", `${zone}/workers/routes/${route}`);
  const domains = "/accounts/:account/workers/domains";
  const domain = await call("PUT", domains, { hostname: "count.localhost", service: app });
  await call("GET", domains);
  await call("GET", `${domains}/${domain}`);
  await call("DELETE", `${domains}/${domain}`);
  await call("GET", "/accounts/:account/workers/durable_objects/namespaces");
  await call("PATCH", `${script}/settings`, { limits: { cpu_ms: 10 } });
  const workers = "/accounts/:account/workers/workers";
  const worker = `${workers}/${await call("POST", workers, { name: uniqueName() })}`;
  await call("GET", workers);
  await call("GET", worker);
  await call("PATCH", worker, { tail_consumers: [{ name: app }], subdomain: { enabled: true } });
  await call("PUT", worker, { name: uniqueName(), observability: { enabled: true } });
  const code = {
    main_module: "worker.js",
    modules: [
      {
        name: "worker.js",
        content_type: "application/javascript+module",
        content_base64: Buffer.from(counter("Room")).toString("base64"),
      },
    ],
    bindings: [counterBinding("Room"), { type: "secret_text", name: "KEY", text: "hush" }],
  };
  await call("POST", `${worker}/versions?deploy=true`, {
    ...code,
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
    limits: { cpu_ms: 50 },
    placement: { mode: "smart" },
    annotations: { "workers/tag": "v1" },
  });
  const another = await call("POST", `${worker}/versions`, code);
  await call("GET", `${worker}/versions`);
  await call("GET", `${worker}/versions/${another}?include=modules`);
  await call("DELETE", `${worker}/versions/${another}`);
  await call("DELETE", worker);
  await call("DELETE", script);

  expect(statuses.filter((status) => status !== 200)).toEqual([]);
});

test("an answer that Cloudflare does not document is told apart", () => {
  const { check } = createValidator();
  const mistakesOf = (endpoint: string, result: unknown): string[] =>
    check({
      method: "GET",
      endpoint,
      status: 200,
      json: { success: true, errors: [], messages: [], result },
    });
  const [one, list] = ["/zones/:zone/workers/routes/:id", "/zones/:zone/workers/routes"];
  const route = { id: "1", pattern: "a/*", script: "app" };
  expect(mistakesOf(one, route)).toEqual([]);
  expect(mistakesOf(one, { ...route, pattern: null })).toEqual([
    `GET ${one}: /pattern must be string`,
  ]);
  expect(mistakesOf(list, [{ id: "1" }])).toEqual([
    `GET ${list}: /0 must have required property 'pattern'`,
  ]);
});

test("an envelope that is not Cloudflare's is told apart, whatever the endpoint", () => {
  const { check } = createValidator();
  const endpoint = "/accounts/:account/workers/services/:script";
  const fail = (json: unknown): string[] => check({ method: "GET", endpoint, status: 404, json });
  const failure = { success: false, errors: [{ code: 1, message: "x" }], messages: [] };
  expect(fail({ ...failure, result: null })).toEqual([]);
  expect(fail(failure)).toEqual([`GET ${endpoint}: must have required property 'result'`]);
  expect(fail({ ...failure, result: null, errors: [{ code: "1", message: "x" }] })).toEqual([
    `GET ${endpoint}: /errors/0/code must be number`,
  ]);
  expect(fail(undefined)).toEqual([`GET ${endpoint}: status 404 without JSON`]);
});
