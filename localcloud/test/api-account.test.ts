import { expect, test } from "vitest";
import { startTestCloud, uniqueName } from "./support/cloud.ts";
import { hello } from "./support/workers.ts";

const WORKERS = "/accounts/:account/workers";

test("the account's workers.dev subdomain is deleted before it is another one", async () => {
  const cloud = await startTestCloud();
  const path = `${WORKERS}/subdomain`;
  const code = async (method: string, body?: unknown): Promise<number | undefined> =>
    (await cloud.api(method, path, body)).errors[0]?.code;
  expect(await code("PUT", { subdomain: "other" })).toBe(10036);
  expect((await cloud.api("DELETE", path)).status).toBe(200);
  expect(await code("GET")).toBe(10007);
  expect(await code("DELETE")).toBe(10007);
  expect(await code("PUT", { subdomain: "-other" })).toBe(10031);
  const app = uniqueName();
  await cloud.upload(app, hello("app"));
  const enable = (): ReturnType<typeof cloud.api> =>
    cloud.api("POST", `${WORKERS}/scripts/${app}/subdomain`, { enabled: true });
  expect((await enable()).errors[0]?.code).toBe(10063);
  expect((await cloud.api("PUT", path, { subdomain: "other" })).result).toEqual({
    subdomain: "other",
  });
  expect((await cloud.api("GET", path)).result).toEqual({ subdomain: "other" });
  await enable();
  expect((await cloud.visit(`${app}.other.workers.dev`)).text).toBe("app");
  expect((await cloud.visit(`${app}.local.workers.dev`)).text).not.toBe("app");
});

test("whether a subdomain is free is told by failures", async () => {
  const cloud = await startTestCloud();
  const check = (name: string): ReturnType<typeof cloud.api> =>
    cloud.api("GET", `${WORKERS}/subdomains/${name}`);
  expect((await check("free-one")).errors[0]?.code).toBe(10032);
  expect((await check("a_b")).errors[0]?.code).toBe(10031);
  expect((await check("local")).result).toEqual({ subdomain: "local" });
});

test("a zone is made, serves, and takes with it what is in it", async () => {
  const cloud = await startTestCloud();
  const app = uniqueName();
  await cloud.upload(app, hello("app"));
  const made = await cloud.api("POST", "/zones", {
    name: "Example.test",
    account: { id: cloud.accountId },
  });
  const zone = `/zones/${cloud.zoneId("example.test")}`;
  expect(made.result).toMatchObject({
    id: cloud.zoneId("example.test"),
    name: "example.test",
    status: "active",
  });
  await cloud.api("POST", `${zone}/workers/routes`, { pattern: "example.test/*", script: app });
  await cloud.api("PUT", `${WORKERS}/domains`, { hostname: "www.example.test", service: app });
  expect((await cloud.visit("example.test")).text).toBe("app");
  expect((await cloud.visit("www.example.test")).text).toBe("app");
  expect((await cloud.api("DELETE", zone)).result).toEqual({ id: cloud.zoneId("example.test") });
  expect((await cloud.visit("example.test")).text).not.toBe("app");
  expect((await cloud.api("GET", `${WORKERS}/domains`)).result).toEqual([]);
  expect((await cloud.api("GET", zone)).errors[0]?.code).toBe(7003);
});

test.each([
  [{ name: "visitors.localhost" }, 1061, 400],
  [{ name: "not a name" }, 1001, 400],
  [{}, 10001, 400],
  [{ name: "b.test", account: { id: "0".repeat(32) } }, 10001, 400],
])("a zone is not made of %j", async (body, code, status) => {
  const cloud = await startTestCloud();
  const answer = await cloud.api("POST", "/zones", body);
  expect({ code: answer.errors[0]?.code, status: answer.status }).toEqual({
    code,
    status,
  });
});
