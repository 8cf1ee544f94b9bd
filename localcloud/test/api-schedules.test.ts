import { expect, test } from "vitest";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const WORKERS = "/accounts/:account/workers";

async function deployed(): Promise<string> {
  const app = uniqueName();
  await cloud.upload(app, hello(app));
  return `${WORKERS}/scripts/${app}`;
}

interface Schedules {
  schedules: { cron: string; created_on: string; modified_on: string }[];
}

test("a script has the cron triggers of the last PUT, and those that stay keep their dates", async () => {
  const script = await deployed();
  const put = (...crons: string[]) =>
    cloud.api<Schedules>(
      "PUT",
      `${script}/schedules`,
      crons.map((cron) => ({ cron })),
    );
  const first = await put("*/5 * * * *", "0 0 * * sun", "0 0 * * sun");
  expect(first.result.schedules.map(({ cron }) => cron)).toEqual(["*/5 * * * *", "0 0 * * sun"]);
  const second = await put("0 0 * * sun", "1 1 L * *");
  expect(second.result.schedules.map(({ cron }) => cron)).toEqual(["0 0 * * sun", "1 1 L * *"]);
  expect(second.result.schedules[0]).toEqual(first.result.schedules[1]);
  const found = await cloud.api<Schedules>("GET", `${script}/schedules`);
  expect(found.result).toEqual(second.result);
  await cloud.api("DELETE", script);
  const { result } = await cloud.api<Schedules>("GET", `${await deployed()}/schedules`);
  expect(result.schedules).toEqual([]);
});

test.each([
  [[{ cron: "0 22 * * 0" }], 10100],
  [[{ cron: { cron: "0 0 * * *" } }], 10001],
  [["0 0 * * *"], 10026],
])("%j is refused", async (body, code) => {
  const script = await deployed();
  expect((await cloud.api("PUT", `${script}/schedules`, body)).errors[0]?.code).toBe(code);
  const { result } = await cloud.api<Schedules>("GET", `${script}/schedules`);
  expect(result.schedules).toEqual([]);
});

test("an account cannot have more cron triggers than its plan allows", async () => {
  const script = await deployed();
  const crons = Array.from({ length: 251 }, (_, index) => ({
    cron: `${index % 60} ${Math.floor(index / 60)} * * *`,
  }));
  const put = (count: number) => cloud.api("PUT", `${script}/schedules`, crons.slice(0, count));
  expect((await put(251)).errors).toEqual([
    { code: 10072, message: "workers.api.error.too_many_crons" },
  ]);
  expect((await put(250)).status).toBe(200);
});

test("the objects of a namespace are listed in pages, those that were used alone", async () => {
  const app = uniqueName();
  await cloud.upload(app, counter("Room"), {
    bindings: [counterBinding("Room")],
    migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
  });
  await cloud.api("POST", `${WORKERS}/scripts/${app}/subdomain`, { enabled: true });
  for (const path of ["/a", "/b", "/c"]) await cloud.visit(`${app}.local.workers.dev`, path);
  const namespaces = await cloud.api<{ id: string; script: string }[]>(
    "GET",
    `${WORKERS}/durable_objects/namespaces`,
  );
  const id = namespaces.result.find(({ script }) => script === app)?.id;
  const objects = (query: string) =>
    cloud.api<{ id: string; hasStoredData: boolean }[]>(
      "GET",
      `${WORKERS}/durable_objects/namespaces/${id}/objects${query}`,
    );
  const all = await objects("");
  expect(all.result).toEqual(
    Array.from({ length: 3 }, () => ({
      id: expect.stringMatching(/^[\da-f]{64}$/),
      hasStoredData: true,
    })),
  );
  expect(all.resultInfo).toEqual({ count: 3, cursor: "" });
  const first = await objects("?limit=2");
  expect(first.resultInfo).toEqual({ count: 2, cursor: first.result[1]?.id });
  const second = await objects(`?limit=2&cursor=${first.result[1]?.id}`);
  expect([...first.result, ...second.result]).toEqual(all.result);
  expect((await objects("?limit=0")).errors[0]?.code).toBe(10001);
  const unknown = `${WORKERS}/durable_objects/namespaces/${"0".repeat(32)}/objects`;
  expect((await cloud.api("GET", unknown)).errors[0]?.code).toBe(10066);
});
