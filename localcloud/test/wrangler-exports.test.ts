import { expect, test } from "vitest";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { counter } from "./support/workers.ts";
import { makeProject } from "./support/wrangler.ts";

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
    expect.stringContaining("[provisioned_class_missing_from_config] class 'Room'"),
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
