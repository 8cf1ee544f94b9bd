import { beforeAll, describe, expect, test } from "vitest";
import { startSharedCloud, uniqueHost, uniqueName } from "./support/cloud.ts";
import { hello } from "./support/workers.ts";

const cloud = await startSharedCloud();
const zone = `/zones/${cloud.zoneId("localhost")}`;
const otherZone = `/zones/${cloud.zoneId("visitors.localhost")}`;
const ROUTES = `${zone}/workers/routes`;
const RECORDS = `${zone}/dns_records`;
const DOMAINS = "/accounts/:account/workers/domains";
const first = uniqueName();
const second = uniqueName();

beforeAll(async () => {
  await cloud.upload(first, hello("first"));
  await cloud.upload(second, hello("second"));
});

describe("routes", () => {
  test("a route serves its script until it is changed, and no longer when deleted", async () => {
    const host = uniqueHost();
    const { result } = await cloud.api("POST", ROUTES, { pattern: `${host}/*`, script: first });
    expect(result).toEqual({ id: result.id, pattern: `${host}/*`, script: first });
    expect((await cloud.visit(host)).text).toBe("first");
    await cloud.api("PUT", `${ROUTES}/${result.id}`, { pattern: `${host}/live/*`, script: second });
    expect((await cloud.visit(host, "/live/x")).text).toBe("second");
    expect((await cloud.visit(host, "/")).text).not.toBe("second");
    expect((await cloud.api("DELETE", `${ROUTES}/${result.id}`)).result).toEqual({ id: result.id });
    expect((await cloud.visit(host, "/live/x")).text).not.toBe("second");
  });

  test("a route may say that no script runs", async () => {
    const pattern = `${uniqueHost()}/*`;
    const { result } = await cloud.api("POST", ROUTES, { pattern });
    expect(result).toEqual({ id: result.id, pattern });
  });

  test("the same pattern with its host in another case is the same, with its path is not", async () => {
    const host = uniqueHost();
    await cloud.api("POST", ROUTES, { pattern: `${host}/a/*`, script: first });
    const same = { pattern: `${host.toUpperCase()}/a/*`, script: first };
    expect((await cloud.api("POST", ROUTES, same)).errors[0]?.code).toBe(10020);
    const other = { pattern: `${host}/A/*`, script: first };
    expect((await cloud.api("POST", ROUTES, other)).status).toBe(200);
  });

  test("the same pattern twice is refused, on create and on update", async () => {
    const pattern = `${uniqueHost()}/*`;
    await cloud.api("POST", ROUTES, { pattern, script: first });
    const again = await cloud.api("POST", ROUTES, { pattern, script: second });
    const expected = {
      status: 409,
      errors: [
        {
          code: 10020,
          message: `workers.api.error.duplicate_route: a route with the same pattern already exists: ${pattern}`,
        },
      ],
    };
    expect({ status: again.status, errors: again.errors }).toEqual(expected);
    expect(again.headers.get("x-should-retry")).toBe("false");
    const other = await cloud.api("POST", ROUTES, { pattern: `${uniqueHost()}/*`, script: first });
    const renamed = await cloud.api("PUT", `${ROUTES}/${other.result.id}`, {
      pattern,
      script: first,
    });
    expect({ status: renamed.status, errors: renamed.errors }).toEqual(expected);
  });

  test.each([
    ["example.com/*", 10022, "Route pattern must include zone name: example.com/*"],
    ["evillocalhost/*", 10022, "Route pattern must include zone name: evillocalhost/*"],
    ["localhost/?a=b", 10022, "Route pattern should not have query parameters: localhost/?a=b"],
    [
      "localhost/*/x",
      10022,
      "Route pattern may only contain wildcards at the beginning of the hostname and the end of the path: localhost/*/x",
    ],
  ])("a route of localhost cannot have the pattern %s", async (pattern, code, message) => {
    const { status, errors } = await cloud.api("POST", ROUTES, { pattern, script: first });
    expect({ status, errors }).toEqual({ status: 400, errors: [{ code, message }] });
  });

  test("a route to a script that does not exist is refused", async () => {
    const { errors } = await cloud.api("POST", ROUTES, {
      pattern: `${uniqueHost()}/*`,
      script: "nobody",
    });
    expect(errors[0]?.code).toBe(10019);
  });

  test("a route is not found under another zone, nor after it was deleted", async () => {
    const pattern = `${uniqueHost()}/*`;
    const { result } = await cloud.api("POST", ROUTES, { pattern, script: first });
    expect(
      (await cloud.api("GET", `${otherZone}/workers/routes/${result.id}`)).errors[0]?.code,
    ).toBe(10009);
    await cloud.api("DELETE", `${ROUTES}/${result.id}`);
    expect((await cloud.api("DELETE", `${ROUTES}/${result.id}`)).errors[0]?.code).toBe(10009);
    const again = await cloud.api("POST", ROUTES, { pattern, script: first });
    expect(again.result.id).not.toBe(result.id);
  });

  test("routes and custom domains of a script go with it", async () => {
    const app = uniqueName();
    const [routed, attached] = [uniqueHost(), uniqueHost()];
    await cloud.upload(app, hello("x"));
    const route = await cloud.api("POST", ROUTES, { pattern: `${routed}/*`, script: app });
    const domain = await cloud.api("PUT", DOMAINS, { hostname: attached, service: app });
    await cloud.api("DELETE", `/accounts/:account/workers/scripts/${app}`);
    expect((await cloud.api("GET", `${ROUTES}/${route.result.id}`)).status).toBe(404);
    expect((await cloud.api("GET", `${DOMAINS}/${domain.result.id}`)).status).toBe(404);
  });
});

describe("custom domains", () => {
  test("a custom domain serves its script, and the same again is the same", async () => {
    const hostname = uniqueHost();
    const body = { hostname, service: first, zone_id: cloud.zoneId("localhost") };
    const { result } = await cloud.api("PUT", DOMAINS, body);
    expect(result).toEqual({
      id: result.id,
      cert_id: result.cert_id,
      environment: "production",
      hostname,
      service: first,
      zone_id: cloud.zoneId("localhost"),
      zone_name: "localhost",
    });
    expect((await cloud.visit(hostname)).text).toBe("first");
    expect((await cloud.api("PUT", DOMAINS, body)).result).toEqual(result);
    expect((await cloud.api("GET", `${DOMAINS}?hostname=${hostname}`)).result).toEqual([result]);
    expect((await cloud.api("DELETE", `${DOMAINS}/${result.id}`)).result).toBeNull();
    expect((await cloud.api("DELETE", `${DOMAINS}/${result.id}`)).errors[0]?.code).toBe(100114);
  });

  test("without a zone in the request, the hostname's own zone is taken", async () => {
    const hostname = `${uniqueName()}.visitors.localhost`;
    const { result } = await cloud.api("PUT", DOMAINS, { hostname, service: first });
    expect(result.zone_name).toBe("visitors.localhost");
  });

  test("a hostname is taken from another Worker only when that is asked for", async () => {
    const hostname = uniqueHost();
    await cloud.api("PUT", DOMAINS, { hostname, service: first });
    const refused = await cloud.api("PUT", DOMAINS, { hostname, service: second });
    expect({ status: refused.status, errors: refused.errors }).toEqual({
      status: 409,
      errors: [
        {
          code: 100116,
          message: `Hostname '${hostname}' already in use by other custom domain. Either delete it, try a different hostname, or use the option 'override_existing_origin' to override.`,
        },
      ],
    });
    const taken = await cloud.api("PUT", DOMAINS, {
      hostname,
      service: second,
      override_existing_origin: true,
    });
    expect(taken.result.service).toBe(second);
    expect((await cloud.visit(hostname)).text).toBe("second");
  });

  test("a hostname with DNS records is taken over only when that is asked for", async () => {
    const hostname = uniqueHost();
    const record = await cloud.api("POST", RECORDS, {
      name: hostname,
      type: "A",
      content: "192.0.2.1",
      ttl: 1,
    });
    const refused = await cloud.api("PUT", DOMAINS, { hostname, service: first });
    expect({ status: refused.status, code: refused.errors[0]?.code }).toEqual({
      status: 409,
      code: 100117,
    });
    const body = { hostname, service: first, override_existing_dns_record: true };
    expect((await cloud.api("PUT", DOMAINS, body)).status).toBe(200);
    expect((await cloud.api("GET", `${RECORDS}/${record.result.id}`)).status).toBe(404);
  });

  test.each([
    [{ hostname: "count.example.com" }, 400, 100115],
    [{ hostname: "count.localhost", zone_name: "visitors.localhost" }, 400, 100115],
    [{ hostname: "count.localhost", zone_id: "nowhere" }, 404, 7003],
    [{ hostname: "count.localhost", service: "nobody" }, 404, 10007],
    [{ hostname: 5 }, 400, 10001],
    [{ hostname: "*.localhost" }, 400, 10001],
    [{ hostname: "a b.localhost" }, 400, 10001],
  ])("%j is refused", async (body, status, code) => {
    const answer = await cloud.api("PUT", DOMAINS, { service: first, ...body });
    expect({ status: answer.status, code: answer.errors[0]?.code }).toEqual({ status, code });
  });
});

describe("the workers.dev subdomain", () => {
  test("a script is at its workers.dev address while that is on", async () => {
    const path = `/accounts/:account/workers/scripts/${first}/subdomain`;
    const host = `${first}.local.workers.dev`;
    expect((await cloud.api("GET", path)).result).toEqual({
      enabled: false,
      previews_enabled: false,
    });
    expect(
      (await cloud.api("POST", path, { enabled: true, previews_enabled: false })).result,
    ).toEqual({
      enabled: true,
      previews_enabled: false,
    });
    expect((await cloud.visit(host)).text).toBe("first");
    await cloud.upload(first, hello("first"));
    expect((await cloud.visit(host)).text).toBe("first");
    expect((await cloud.api("DELETE", path)).result).toEqual({
      enabled: false,
      previews_enabled: false,
    });
    expect((await cloud.visit(host)).text).not.toBe("first");
  });

  test("without enabled the request is refused", async () => {
    const path = `/accounts/:account/workers/scripts/${first}/subdomain`;
    expect((await cloud.api("POST", path, {})).errors).toEqual([
      { code: 10001, message: "enabled: is required" },
    ]);
  });

  test("the account's subdomain is local", async () => {
    expect((await cloud.api("GET", "/accounts/:account/workers/subdomain")).result).toEqual({
      subdomain: "local",
    });
  });
});
