import { beforeAll, describe, expect, test } from "vitest";
import { type ApiAnswer, startSharedCloud, uniqueHost, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const WORKERS = "/accounts/:account/workers";
const SCRIPTS = `${WORKERS}/scripts`;
const first = uniqueName();
const second = uniqueName();

beforeAll(async () => {
  await cloud.upload(first, hello("first"));
  await cloud.upload(second, hello("second"));
});

interface Route {
  id: string;
  pattern: string;
  script: string;
}

async function routesOf(script: string): Promise<Route[]> {
  const zone = cloud.zoneId("localhost");
  const { result } = await cloud.api<Route[]>("GET", `/zones/${zone}/workers/routes`);
  return result.filter((route) => route.script === script);
}

function putRoutes(script: string, body: unknown): Promise<ApiAnswer<Route[]>> {
  return cloud.api("PUT", `${SCRIPTS}/${script}/routes`, body);
}

interface Domain {
  id: string;
  hostname: string;
  modified?: boolean;
}

function putDomains(script: string, body: unknown): Promise<ApiAnswer<Domain[]>> {
  return cloud.api("PUT", `${SCRIPTS}/${script}/domains/records`, body);
}

function names(list: Domain[] = []): string[] {
  return list.map(({ hostname }) => hostname);
}

describe("the routes of a script", () => {
  test("are those of the last PUT, and routes that stay keep their ids", async () => {
    const [one, two, three] = [uniqueHost(), uniqueHost(), uniqueHost()];
    const before = await putRoutes(first, [{ pattern: `${one}/*` }, { pattern: `${two}/*` }]);
    const after = await putRoutes(first, [
      { pattern: `${two}/*`, zone_name: "localhost" },
      { pattern: `${three}/*`, zone_id: cloud.zoneId("localhost") },
    ]);
    expect(after.result.map(({ pattern, script }) => ({ pattern, script }))).toEqual([
      { pattern: `${two}/*`, script: first },
      { pattern: `${three}/*`, script: first },
    ]);
    expect(after.result[0]?.id).toBe(before.result[1]?.id);
    expect(await routesOf(first)).toEqual(after.result);
    expect((await cloud.visit(three)).text).toBe("first");
    await putRoutes(first, []);
    expect(await routesOf(first)).toEqual([]);
  });

  test("stay as they were when one of them belongs to another script", async () => {
    const [mine, theirs] = [`${uniqueHost()}/*`, `${uniqueHost()}/*`];
    await putRoutes(first, [{ pattern: mine }]);
    await putRoutes(second, [{ pattern: theirs }]);
    const refused = await putRoutes(first, [{ pattern: theirs }]);
    expect({ status: refused.status, code: refused.errors[0]?.code }).toEqual({
      status: 409,
      code: 10020,
    });
    expect((await routesOf(first)).map(({ pattern }) => pattern)).toEqual([mine]);
  });

  test("lie in the zone with the longest name that fits, unless another is named", async () => {
    const pattern = `${uniqueName()}.visitors.localhost/*`;
    const [route] = (await putRoutes(first, [{ pattern }])).result;
    const inner = `/zones/${cloud.zoneId("visitors.localhost")}/workers/routes/${route?.id}`;
    expect((await cloud.api("GET", inner)).status).toBe(200);
    await putRoutes(first, [{ pattern, zone_name: "localhost" }]);
    expect((await cloud.api("GET", inner)).status).toBe(404);
    expect(await routesOf(first)).toHaveLength(1);
  });

  test.each([
    [[{ pattern: "example.com/*" }], 10022],
    [[{ pattern: "localhost/?a=b" }], 10022],
    [[{ pattern: "a.localhost/*", zone_name: "example.com" }], 10022],
    [["a.localhost/*"], 10026],
    [{}, 10026],
  ])("%j is refused", async (body, code) => {
    expect((await putRoutes(first, body)).errors[0]?.code).toBe(code);
  });
});

describe("the custom domains of a script", () => {
  test("are those of the last PUT", async () => {
    const [one, two] = [uniqueHost(), uniqueHost()];
    await putDomains(first, { origins: [{ hostname: one }] });
    expect((await cloud.visit(one)).text).toBe("first");
    const { result } = await putDomains(first, { origins: [{ hostname: two }] });
    expect(result).toMatchObject([{ hostname: two, service: first, zone_name: "localhost" }]);
    expect((await cloud.visit(two)).text).toBe("first");
    expect((await cloud.visit(one)).text).not.toBe("first");
  });

  test("are taken from another script or from DNS records only when that is asked for", async () => {
    const host = uniqueHost();
    await putDomains(second, { origins: [{ hostname: host }] });
    const refused = await putDomains(first, { origins: [{ hostname: host }] });
    expect(refused.errors[0]?.code).toBe(100116);
    await putDomains(first, { override_existing_origin: true, origins: [{ hostname: host }] });
    expect((await cloud.visit(host)).text).toBe("first");
    const named = uniqueHost();
    await cloud.api("POST", `/zones/${cloud.zoneId("localhost")}/dns_records`, {
      name: named,
      type: "A",
      content: "192.0.2.1",
    });
    expect((await putDomains(first, { origins: [{ hostname: named }] })).errors[0]?.code).toBe(
      100117,
    );
    const taken = await putDomains(first, {
      override_existing_dns_record: true,
      origins: [{ hostname: named }],
    });
    expect(taken.result.map(({ hostname }) => hostname)).toEqual([named]);
  });

  test("can be compared with what is wanted before anything changes", async () => {
    const [old, kept, foreign, named] = [uniqueHost(), uniqueHost(), uniqueHost(), uniqueHost()];
    await putDomains(first, { origins: [{ hostname: old }, { hostname: kept }] });
    await putDomains(second, { origins: [{ hostname: foreign }] });
    await cloud.api("POST", `/zones/${cloud.zoneId("localhost")}/dns_records`, {
      name: named,
      type: "CNAME",
      content: "example.com",
    });
    const { result } = await cloud.api<Record<string, Domain[]>>(
      "POST",
      `${SCRIPTS}/${first}/domains/changeset?replace_state=true`,
      [kept, foreign, named].map((hostname) => ({ hostname })),
    );
    expect(names(result["added"])).toEqual([named]);
    expect(names(result["removed"])).toEqual([old]);
    expect(names(result["conflicting"])).toEqual([named]);
    const modified = new Map(
      result["updated"]?.map((domain) => [domain.hostname, domain.modified]),
    );
    expect(modified).toEqual(
      new Map([
        [kept, false],
        [foreign, true],
      ]),
    );
    expect((await cloud.visit(old)).text).toBe("first");
  });

  test("are found by the names that wrangler has for the list", async () => {
    const host = uniqueHost();
    await putDomains(first, { origins: [{ hostname: host }] });
    const list = await cloud.api<{ id: string }[]>(
      "GET",
      `${WORKERS}/domains/records?service=${first}`,
    );
    expect(list.result).toMatchObject([{ hostname: host }]);
    const one = await cloud.api("GET", `${WORKERS}/domains/records/${list.result[0]?.id}`);
    expect(one.result).toMatchObject({ hostname: host });
  });
});

describe("the environment of a service", () => {
  test("is production, and no other is there", async () => {
    const app = uniqueName();
    await cloud.upload(app, hello("app"), {
      bindings: [
        { type: "secret_text", name: "KEY", text: "hush" },
        { type: "plain_text", name: "A", text: "a" },
      ],
    });
    const environments = `/accounts/:account/workers/services/${app}/environments`;
    const { result } = await cloud.api("GET", `${environments}/production/bindings`);
    expect(result).toEqual([
      { type: "plain_text", name: "A", text: "a" },
      { type: "secret_text", name: "KEY" },
    ]);
    const whole = await cloud.api("GET", `${environments}/production`);
    expect(whole.result).toMatchObject({ environment: "production", script: { id: app } });
    for (const path of ["", "/bindings", "/routes", "/subdomain", "/content/v2"]) {
      const { errors } = await cloud.api("GET", `${environments}/staging${path}`);
      expect(errors[0]?.code).toBe(10092);
    }
  });
});

describe("references", () => {
  test("tell which bindings of others lead to a script", async () => {
    const [rooms, user] = [uniqueName(), uniqueName()];
    const { result } = await cloud.upload(rooms, counter("Room"), {
      bindings: [counterBinding("Room")],
      migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
    });
    await cloud.upload(user, hello("user"), {
      bindings: [
        { type: "service", name: "ROOMS", service: rooms },
        { ...counterBinding("Room"), script_name: rooms },
      ],
      tail_consumers: [{ service: rooms }],
    });
    const production = { environment: "production" };
    const namespace = {
      name: "COUNTER",
      durable_object_namespace_id: expect.stringMatching(/^[\da-f]{32}$/),
      durable_object_namespace_name: `${rooms}_Room`,
      ...production,
    };
    expect(result.id).toBe(rooms);
    const references = async (script: string): Promise<unknown> =>
      (await cloud.api("GET", `${SCRIPTS}/${script}/references`)).result;
    expect(await references(rooms)).toEqual({
      services: {
        incoming: [{ service: user, name: "ROOMS", ...production }],
        outgoing: [],
        pages_function: false,
      },
      durable_objects: [
        { service: rooms, ...namespace },
        { service: user, ...namespace },
      ],
      dispatch_outbounds: [],
    });
    expect(await references(user)).toMatchObject({
      services: { incoming: [], outgoing: [{ service: rooms, name: "ROOMS", ...production }] },
      durable_objects: [],
    });
    const producers = await cloud.api("GET", `${WORKERS}/tails/by-consumer/${rooms}`);
    expect(producers.result).toMatchObject([{ producer: { service: user, ...production } }]);
  });

  test("keep a service from being deleted, unless it is forced", async () => {
    const [target, user] = [uniqueName(), uniqueName()];
    await cloud.upload(target, hello("target"));
    await cloud.upload(user, hello("user"), {
      bindings: [{ type: "service", name: "TARGET", service: target }],
    });
    const remove = (force: boolean) =>
      cloud.api("DELETE", `${WORKERS}/services/${target}?force=${String(force)}`);
    expect((await remove(false)).errors[0]?.code).toBe(10064);
    expect((await remove(true)).status).toBe(200);
    expect((await remove(true)).errors).toEqual([
      { code: 10090, message: "workers.api.error.service_not_found" },
    ]);
  });
});

test("what the local cloud has none of is an empty list", async () => {
  for (const path of ["/containers/applications", "/storage/kv/namespaces?per_page=100"]) {
    expect((await cloud.api("GET", `/accounts/:account${path}`)).result).toEqual([]);
  }
});

describe("settings of a script", () => {
  test("change without a new version, and those that are not sent stay", async () => {
    const app = uniqueName();
    await cloud.upload(app, hello("app"), { tags: ["a"], logpush: true });
    const path = `${SCRIPTS}/${app}/script-settings`;
    const observability = { enabled: true, logs: { enabled: true, invocation_logs: false } };
    const patched = await cloud.api("PATCH", path, { observability, tags: null });
    const expected = { logpush: true, observability, tags: [], tail_consumers: null };
    expect(patched.result).toEqual(expected);
    expect((await cloud.api("GET", path)).result).toEqual(expected);
    await cloud.api("PATCH", path, { logpush: false, tail_consumers: [{ service: first }] });
    expect((await cloud.api("GET", path)).result).toEqual({
      ...expected,
      logpush: false,
      tail_consumers: [{ service: first }],
    });
    const { result } = await cloud.api<{ items: unknown[] }>("GET", `${SCRIPTS}/${app}/versions`);
    expect(result.items).toHaveLength(1);
  });

  test.each([
    [{ tags: "a" }, "tags: must be"],
    [{ logpush: 1 }, "logpush: must be true or false"],
    [{ tail_consumers: [{}] }, "tail_consumers: must be"],
    [{ observability: [] }, "observability: must be an object"],
    [[], "body: must be a JSON object"],
  ])("%j is refused", async (body, message) => {
    const { errors } = await cloud.api("PATCH", `${SCRIPTS}/${first}/script-settings`, body);
    expect(errors[0]?.code).toBe(10001);
    expect(errors[0]?.message).toContain(message);
  });
});
