import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Properties } from "../provider/values.ts";
import { startLocalCloud } from "../src/index.ts";
import type { LocalCloud } from "../src/index.ts";
import { TOKEN } from "./provider-engine.ts";
import { CODE, DOMAIN, RECORD, ROUTE, SCRIPT, SUBDOMAIN } from "./provider-fixture.ts";
import { scriptInputs, startFixture } from "./provider-fixture.ts";
import type { Fixture } from "./provider-fixture.ts";

const SCRIPTS = "cloudflare:index/getWorkersScripts:getWorkersScripts";
const ZONES = "cloudflare:index/getZones:getZones";

let dir: string;
let cloud: LocalCloud;
let fixture: Fixture;
let inputs: Properties;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "provider-cloud-"));
  cloud = await startLocalCloud({ dir, zones: ["visitors.localhost"], port: 0, edgePort: 0 });
  fixture = await startFixture();
  await fixture.engine.configure({ baseUrl: cloud.apiUrl, apiToken: TOKEN });
  inputs = {
    ...scriptInputs(),
    accountId: cloud.accountId,
    bindings: [{ name: "ALLOWED_ORIGINS", type: "json", json: '["https://a.example"]' }],
    observability: {
      enabled: true,
      headSamplingRate: 1,
      logs: { enabled: true, headSamplingRate: 1, invocationLogs: true },
    },
  };
  delete inputs["migrations"];
});

afterAll(async () => {
  await fixture.close();
  await cloud.close();
  await rm(dir, { recursive: true });
});

test("a script and all that exposes it live a whole life in the local cloud", async () => {
  const { engine } = fixture;
  const { accountId } = cloud;
  const { result } = await engine.invoke(ZONES, { name: "visitors.localhost" });
  expect(result["results"]).toMatchObject([{ id: cloud.zoneId("visitors.localhost") }]);
  const zoneId = cloud.zoneId("visitors.localhost");
  const hostname = "count.visitors.localhost";
  const plan: [type: string, inputs: Properties, importId: (id: string) => string][] = [
    [SCRIPT, inputs, (id) => `${accountId}/${id}`],
    [
      ROUTE,
      { zoneId, pattern: "visitors.localhost/*", script: "counter" },
      (id) => `${zoneId}/${id}`,
    ],
    [DOMAIN, { accountId, hostname, service: "counter" }, (id) => `${accountId}/${id}`],
    [SUBDOMAIN, { accountId, scriptName: "counter", enabled: true }, (id) => `${id}/counter`],
    [
      RECORD,
      { zoneId, name: hostname, type: "TXT", content: "visitors", ttl: 60 },
      (id) => `${zoneId}/${id}`,
    ],
  ];
  const made: { type: string; id: string; outputs: Properties }[] = [];
  for (const [type, news, importId] of plan) {
    const { id, outputs } = await engine.create(type, news);
    made.push({ type, id, outputs });
    const refreshed = await engine.read(type, id, { inputs: news, outputs });
    expect(refreshed.inputs, `${type} has no drift`).toEqual(news);
    const diff = await engine.diff(type, { inputs: refreshed.inputs, outputs }, news);
    expect(diff.detailed).toEqual({});
    const imported = await engine.read(type, importId(id));
    expect(imported.id, `${type} is imported as itself`).toBe(id);
  }
  for (const { type, id, outputs } of made.toReversed()) {
    await engine.delete(type, id, outputs);
    expect((await engine.read(type, id, { inputs: outputs, outputs })).id).toBe(goneId(type));
  }
  expect((await engine.invoke(SCRIPTS, { accountId })).result["results"]).toEqual([]);
});

/** A script that is gone answers for its address as well; a deleted one is only switched off. */
function goneId(type: string): string {
  return type === SUBDOMAIN ? cloud.accountId : "";
}

test("an upload by hand is seen by the next refresh, and put right by an update", async () => {
  const { engine } = fixture;
  const { outputs } = await engine.create(SCRIPT, inputs);
  const state = { inputs, outputs };
  const byHand = { ...inputs, bindings: [], compatibilityDate: "2026-08-01" };
  await engine.update(SCRIPT, "counter", state, byHand);
  const seen = await engine.read(SCRIPT, "counter", state);
  const diff = await engine.diff(SCRIPT, seen, inputs);
  expect(diff.detailed).toEqual({ bindings: "ADD", compatibilityDate: "UPDATE" });
  const repaired = await engine.update(SCRIPT, "counter", seen, inputs);
  const after = await engine.read(SCRIPT, "counter", { inputs, outputs: repaired });
  expect(after.inputs).toEqual(inputs);
  await engine.delete(SCRIPT, "counter", repaired);
});

test("code that does not start is refused with workerd's message", async () => {
  const { contentFile, contentSha256, ...rest } = inputs;
  expect([contentFile, contentSha256]).not.toContain(undefined);
  const broken = { ...rest, content: CODE.replace("};", "") };
  await expect(fixture.engine.create(SCRIPT, broken)).rejects.toThrow(
    /HTTP 400 Bad Request\n {2}Cloudflare error 10021: Uncaught SyntaxError/,
  );
});
