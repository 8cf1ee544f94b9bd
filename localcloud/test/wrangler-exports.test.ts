import { expect, test } from "vitest";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter } from "./support/workers.ts";
import { type Project, makeProject } from "./support/wrangler.ts";

const cloud = await startSharedCloud();

const LIVE = { type: "durable-object", storage: "sqlite" };

test("wrangler deploy: declared classes, with its report of what became of them", async () => {
  const app = uniqueName();
  const project = await makeProject(cloud, app);
  const configure = (className: string, exports: object): void => {
    const bindings = [{ name: "COUNTER", class_name: className }];
    project.configure({ durable_objects: { bindings }, exports, workers_dev: true });
  };
  configure("Room", { Room: LIVE });
  project.code(counter("Room"));
  const first = await project.wrangler("deploy");
  expect([first.code, first.said]).toEqual([0, expect.stringMatching(/^ {2}Created: Room$/m)]);
  const host = `${app}.local.workers.dev`;
  expect((await cloud.visit(host, "/page")).text).toBe("Room 1");

  configure("Hall", { Hall: LIVE });
  project.code(counter("Hall"));
  const refused = await project.wrangler("deploy");
  expect([refused.code, refused.said]).toEqual([
    1,
    expect.stringContaining("[orphaned_provisioned_namespace] class 'Room'"),
  ]);
  expect((await cloud.visit(host, "/page")).text).toBe("Room 2");

  configure("Hall", {
    Room: { type: "durable-object", state: "renamed", renamed_to: "Hall" },
    Hall: LIVE,
  });
  const second = await project.wrangler("deploy");
  expect([second.code, second.said]).toEqual([
    0,
    expect.stringMatching(/^ {2}Renamed: Room → Hall$/m),
  ]);
  expect((await cloud.visit(host, "/page")).text).toBe("Hall 3");
}, 300_000);

/** Deploys a Worker with the class Room, and returns what wrangler says. */
async function deploy(project: Project, config: object): Promise<string> {
  project.code(counter("Room"));
  project.configure({ ...config, workers_dev: true });
  const { code, said } = await project.wrangler("deploy");
  expect([code, said]).toEqual([0, expect.any(String)]);
  return said;
}

test("wrangler deploy: a class goes from one Worker to another, with its objects", async () => {
  const [source, target] = [uniqueName(), uniqueName()];
  const [giver, taker] = [await makeProject(cloud, source), await makeProject(cloud, target)];
  const bound = { durable_objects: { bindings: [{ name: "COUNTER", class_name: "Room" }] } };
  await deploy(giver, { ...bound, exports: { Room: LIVE } });
  expect((await cloud.visit(`${source}.local.workers.dev`, "/page")).text).toBe("Room 1");
  const type = "durable-object";
  const expected = { ...LIVE, state: "expecting-transfer", transfer_from: source };
  expect(await deploy(taker, { exports: { Room: expected } })).toContain(
    `Transfer pending: Room ← ${source}`,
  );
  const given = { type, state: "transferred", transferred_to: target };
  expect(await deploy(giver, { exports: { Room: given } })).toContain(
    `Transferred (committed): Room → ${target}`,
  );
  const last = await deploy(taker, { ...bound, exports: { Room: LIVE } });
  expect(last).not.toContain("Durable Object exports reconciliation");
  expect((await cloud.visit(`${target}.local.workers.dev`, "/page")).text).toBe("Room 2");
}, 300_000);
