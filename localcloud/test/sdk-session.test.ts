import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { type Sdk, sdk6, sdk7 } from "./support/sdk.ts";
import { counter, counterBinding, hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SDKS: [name: string, sdk: Sdk][] = [
  ["6", sdk6(cloud)],
  ["7", sdk7(cloud)],
];

/** A Worker with an object that counts; both its class and what it says are chosen. */
function counting(className: string, says: string): string {
  return counter(className).replace(`"${className} "`, `"${says} "`);
}

const bound = (className: string): object => ({ bindings: [counterBinding(className)] });

test.each(SDKS)("SDK %s: a script through its migrations, to its end", async (_, sdk) => {
  const app = uniqueName();
  const page = async (): Promise<string> =>
    (await cloud.visit(`${app}.local.workers.dev`, "/page")).text;
  const first = { migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] } };
  await sdk.upload(app, counting("Room", "one"), { ...bound("Room"), ...first });
  await sdk.enable(app);
  expect(await page()).toBe("one 1");
  await sdk.upload(app, counting("Room", "two"), bound("Room"));
  expect(await page()).toBe("two 2");
  const [room = ""] = await sdk.classes(app);
  const rename = {
    old_tag: "v1",
    new_tag: "v2",
    renamed_classes: [{ from: "Room", to: "Hall" }],
  };
  await sdk.upload(app, counting("Hall", "three"), { ...bound("Hall"), migrations: rename });
  expect(await page()).toBe("three 3");
  expect(await sdk.classes(app)).toEqual([room.replace("Room", "Hall")]);
  const stale = sdk.upload(app, counting("Hall", "no"), { ...bound("Hall"), migrations: rename });
  await expect(stale).rejects.toMatchObject({ status: 412, errors: [{ code: 10079 }] });
  const before = (await sdk.versions(app)).at(-1) ?? "";
  const across = sdk.deploy(app, { [before]: 100 }, "back");
  await expect(across).rejects.toMatchObject({ status: 400, errors: [{ code: 10079 }] });
  expect(await page()).toBe("three 4");
  await sdk.upload(app, counting("Hall", "four"), {});
  const end = { old_tag: "v2", new_tag: "v3", deleted_classes: ["Hall"] };
  await sdk.upload(app, hello("five"), { migrations: end });
  expect([await page(), await sdk.classes(app)]).toEqual(["five", []]);
  await sdk.remove(app);
  await expect(sdk.versions(app)).rejects.toMatchObject({ status: 404, errors: [{ code: 10007 }] });
});

test.each(SDKS)("SDK %s: versions are shared out, and rolled back to", async (_, sdk) => {
  const app = uniqueName();
  const host = `${app}.local.workers.dev`;
  await sdk.upload(app, hello("one"), {});
  await sdk.enable(app);
  const two = await sdk.uploadVersion(app, hello("two"), {});
  const [newest, one = ""] = await sdk.versions(app);
  expect(newest).toBe(two);
  expect((await cloud.visit(host)).text).toBe("one");
  await sdk.deploy(app, { [one]: 40, [two]: 60 }, "some");
  const asked = await Promise.all(
    Array.from({ length: 40 }, (_entry, index) =>
      cloud.visit(host, "/", { "cloudflare-workers-version-key": `visitor-${index}` }),
    ),
  );
  expect(new Set(asked.map(({ text }) => text))).toEqual(new Set(["one", "two"]));
  await sdk.deploy(app, { [two]: 100 }, "all");
  expect((await cloud.visit(host)).text).toBe("two");
  await sdk.deploy(app, { [one]: 100 }, "back");
  expect((await cloud.visit(host)).text).toBe("one");
  const { result } = await cloud.api(
    "GET",
    `/accounts/:account/workers/scripts/${app}/deployments`,
  );
  const shared = result.deployments.map(({ versions }) =>
    Object.fromEntries(versions.map(({ version_id, percentage }) => [version_id, percentage])),
  );
  expect(shared).toEqual([
    { [one]: 100 },
    { [two]: 100 },
    { [one]: 40, [two]: 60 },
    { [one]: 100 },
  ]);
});

test.each(SDKS)("SDK %s: secrets come, are listed without their values, and go", async (_, sdk) => {
  const app = uniqueName();
  const host = `${app}.local.workers.dev`;
  await sdk.upload(app, "export default { fetch: (_, env) => Response.json(env) };", {});
  await sdk.enable(app);
  await sdk.putSecret(app, "KEY", "hush");
  await sdk.putSecret(app, "OTHER", "whisper");
  expect(await sdk.secrets(app)).toEqual(["KEY", "OTHER"]);
  expect(await sdk.bindings(app)).toEqual(["KEY", "OTHER"]);
  expect(JSON.parse((await cloud.visit(host)).text)).toEqual({ KEY: "hush", OTHER: "whisper" });
  await sdk.deleteSecret(app, "KEY");
  expect(JSON.parse((await cloud.visit(host)).text)).toEqual({ OTHER: "whisper" });
  expect(await sdk.versions(app)).toHaveLength(4);
});

test.each(SDKS)("SDK %s: a tail tells of a request, and ends", async (_, sdk) => {
  const app = uniqueName();
  const host = `${app}.local.workers.dev`;
  await sdk.upload(app, hello("app"), {});
  await sdk.enable(app);
  const { id, url } = await sdk.startTail(app);
  const socket = new WebSocket(url, "trace-v1");
  onTestFinished(() => socket.terminate());
  await once(socket, "open");
  const told = once(socket, "message");
  await cloud.visit(host, "/page");
  expect(JSON.parse(String((await told)[0]))).toMatchObject({
    scriptName: app,
    outcome: "ok",
    event: { request: { url: `http://${host}/page` } },
  });
  const ended = once(socket, "close");
  await sdk.endTail(app, id);
  await ended;
  const gone = sdk.endTail(app, id);
  await expect(gone).rejects.toMatchObject({ status: 404 });
});
