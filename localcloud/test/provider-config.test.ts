import { createRequire } from "node:module";
import { status } from "@grpc/grpc-js";
import pb from "@pulumi/pulumi/proto/provider_pb.js";
import type * as rpc from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isLoopback } from "../provider/api/loopback.ts";
import { startProvider } from "../provider/index.ts";
import { UNKNOWN, secret } from "../provider/values.ts";
import { VERSION } from "../provider/version.ts";
import { Engine, TOKEN, settled, toStruct } from "./provider-engine.ts";
import { startFixture } from "./provider-fixture.ts";
import type { Fixture } from "./provider-fixture.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(() => fixture.close());

describe("what is this machine", () => {
  test.each([
    "127.0.0.1",
    "127.255.0.9",
    "[::1]",
    "::1",
    "localhost",
    "LOCALHOST.",
    "api.localhost",
  ])("%s is", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    "api.cloudflare.com",
    "128.0.0.1",
    "0.0.0.0",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "notlocalhost",
    "[::2]",
    "192.168.1.1",
  ])("%s is not", (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe("CheckConfig and Configure", () => {
  test.each([
    "https://api.cloudflare.com/client/v4",
    "http://10.0.0.1:8789",
    "http://localhost@evil.example/",
  ])("refuse %s", async (baseUrl) => {
    const [failure] = await fixture.engine.checkConfig({ baseUrl, apiToken: TOKEN });
    const configured = fixture.engine.configure({ baseUrl, apiToken: TOKEN });
    await expect(configured).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: failure,
    });
  });

  test("say what the stand-in is, the value, and what to do", async () => {
    const baseUrl = "https://api.cloudflare.com/client/v4";
    expect(await fixture.engine.checkConfig({ baseUrl, apiToken: TOKEN })).toEqual([
      `baseUrl: 'https://api.cloudflare.com/client/v4' is not on this machine. This is the stand-in for the Cloudflare provider, which talks to a local cloud at a loopback address only (127.0.0.0/8, [::1], localhost or *.localhost). For anything else, install the real plugin: pulumi plugin install resource cloudflare ${VERSION}`,
    ]);
  });

  test("refuse to go without a base URL, since that would be the real API", async () => {
    const [failure] = await fixture.engine.checkConfig({ apiToken: TOKEN });
    expect(failure).toMatch(/^baseUrl is not set, so requests would go to the real Cloudflare API/);
    await expect(fixture.engine.configure({ apiToken: TOKEN })).rejects.toThrow(failure);
  });

  test("accept a base URL that only the update will know", async () => {
    expect(await fixture.engine.checkConfig({ baseUrl: UNKNOWN, apiToken: UNKNOWN })).toEqual([]);
  });

  test("refuse a token of the wrong form without showing it", async () => {
    const baseUrl = fixture.api.baseUrl;
    const failures = await fixture.engine.checkConfig({ baseUrl, apiToken: secret("hunter2") });
    expect(failures).toEqual([
      "apiToken: must be 40 to 80 characters of 0-9, A-Z, a-z, - and _; it has 7 characters",
    ]);
  });

  test("refuse settings that they do not know", async () => {
    const config = { baseUrl: fixture.api.baseUrl, apiToken: TOKEN, apiKey: "k", colour: "red" };
    expect(await fixture.engine.checkConfig(config)).toEqual([
      `apiKey: the local stand-in for the Cloudflare provider knows baseUrl and apiToken only; remove it, or install the real plugin: pulumi plugin install resource cloudflare ${VERSION}`,
      "colour: the Cloudflare provider has no such setting; remove it",
    ]);
  });

  test("refuse credentials inside the URL without showing them", async () => {
    const baseUrl = "http://user:hunter2@localhost/";
    expect(await fixture.engine.checkConfig({ baseUrl, apiToken: TOKEN })).toEqual([
      "baseUrl: the URL for localhost holds credentials; use apiToken",
    ]);
  });
});

describe("the environment", () => {
  test("serves where the program sets nothing, and its token may have any form", async () => {
    const { api, programDir } = fixture;
    const env = { CLOUDFLARE_BASE_URL: api.baseUrl, CLOUDFLARE_API_TOKEN: "short" };
    const provider = await startProvider({ programDir, env });
    const engine = new Engine(provider.port);
    await engine.configure({});
    api.on("GET /accounts/acc/workers/scripts", { result: [] });
    const token = "cloudflare:index/getWorkersScripts:getWorkersScripts";
    await engine.invoke(token, { accountId: "acc" });
    expect(api.requests[0]?.headers.authorization).toBe("Bearer short");
    engine.close();
    await provider.close();
  });

  test("may not name another machine either", async () => {
    const { programDir } = fixture;
    const env = { CLOUDFLARE_BASE_URL: "https://evil.example" };
    const provider = await startProvider({ programDir, env });
    const engine = new Engine(provider.port);
    const [failure] = await engine.checkConfig({ apiToken: TOKEN });
    expect(failure).toMatch(
      /^CLOUDFLARE_BASE_URL: 'https:\/\/evil.example' is not on this machine/,
    );
    engine.close();
    await provider.close();
  });
});

describe("connections", () => {
  test("keep apart what each has configured", async () => {
    const other = await startFixture();
    const second = new Engine(fixture.port);
    await second.configure({ baseUrl: other.api.baseUrl, apiToken: TOKEN });
    const token = "cloudflare:index/getWorkersScripts:getWorkersScripts";
    for (const api of [fixture.api, other.api]) {
      api.on("GET /accounts/acc/workers/scripts", { result: [] });
    }
    await fixture.engine.invoke(token, { accountId: "acc" });
    expect([fixture.api.requests.length, other.api.requests.length]).toEqual([1, 0]);
    await second.invoke(token, { accountId: "acc" });
    expect([fixture.api.requests.length, other.api.requests.length]).toEqual([1, 1]);
    second.close();
    await other.close();
  });

  test("that configured nothing are told so", async () => {
    const provider = await startProvider({ programDir: fixture.programDir, env: {} });
    const engine = new Engine(provider.port);
    await expect(engine.invoke("cloudflare:index/getZones:getZones", {})).rejects.toMatchObject({
      details: "the provider was not configured before it was used",
    });
    engine.close();
    await provider.close();
  });
});

describe("the protocol", () => {
  test("names the version of the plugin that it stands in for", async () => {
    const { client } = fixture.engine;
    const info = await settled<{ getVersion(): string }>((done) =>
      client.getPluginInfo(new empty.Empty(), done),
    );
    expect(info.getVersion()).toBe(VERSION);
  });

  test("stands in for the version of @pulumi/cloudflare that is installed", () => {
    const installed = createRequire(new URL("../../infra/", import.meta.url));
    const { version }: { version: unknown } = installed("@pulumi/cloudflare/package.json");
    expect(VERSION).toBe(version);
  });

  test("takes secrets as secrets", async () => {
    const { client } = fixture.engine;
    const response = await settled<rpc.ProviderHandshakeResponse>((done) =>
      client.handshake(new pb.ProviderHandshakeRequest(), done),
    );
    expect(response.getAcceptSecrets()).toBe(true);
    expect(response.getAcceptOutputs()).toBe(false);
  });

  test("shows a changed base URL as a change of the provider", async () => {
    const { client } = fixture.engine;
    const request = new pb.DiffRequest()
      .setOldInputs(toStruct({ baseUrl: "http://localhost:1", apiToken: secret(TOKEN) }))
      .setNews(toStruct({ baseUrl: "http://localhost:2", apiToken: secret(TOKEN) }));
    const response = await settled<rpc.DiffResponse>((done) => client.diffConfig(request, done));
    expect(response.getDiffsList()).toEqual(["baseUrl"]);
    expect(response.getReplacesList()).toEqual([]);
  });

  test("answers a malformed URN and an unknown type with a status", async () => {
    const { client } = fixture.engine;
    const check = (urn: string): Promise<unknown> =>
      settled((done) => client.check(new pb.CheckRequest().setUrn(urn), done));
    await expect(check("nonsense")).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: "'nonsense' is no URN",
    });
    await expect(check("urn:pulumi:s::p::cloudflare:index/zone:Zone::n")).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details:
        "cloudflare:index/zone:Zone: the local stand-in for the Cloudflare provider does not cover this resource type; it covers WorkersScript, WorkersRoute, WorkersCustomDomain, WorkersScriptSubdomain, DnsRecord",
    });
  });

  test("leaves calls that it does not know unimplemented", async () => {
    const { client } = fixture.engine;
    const called = settled((done) => client.call(new pb.CallRequest(), done));
    await expect(called).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });

  test("a taken port is an error that names it", async () => {
    const start = startProvider({ programDir: fixture.programDir, port: fixture.port });
    await expect(start).rejects.toThrow(
      new RegExp(`^the stand-in provider cannot listen on 127.0.0.1:${fixture.port} `),
    );
  });
});

test("the schema describes every resource with what it requires", async () => {
  const { client } = fixture.engine;
  const response = await settled<rpc.GetSchemaResponse>((done) =>
    client.getSchema(new pb.GetSchemaRequest(), done),
  );
  const schema: unknown = JSON.parse(response.getSchema());
  expect(schema).toMatchObject({
    name: "cloudflare",
    version: VERSION,
    resources: {
      "cloudflare:index/workersRoute:WorkersRoute": {
        inputProperties: { zoneId: { type: "string" }, script: { type: "string" } },
        requiredInputs: ["zoneId", "pattern"],
      },
      "cloudflare:index/workersScript:WorkersScript": {
        inputProperties: {
          bindings: {
            type: "array",
            items: {
              $ref: "#/types/cloudflare:index/WorkersScriptBindings:WorkersScriptBindings",
            },
          },
        },
      },
    },
    types: {
      "cloudflare:index/WorkersScriptBindings:WorkersScriptBindings": {
        properties: { text: { type: "string", secret: true } },
        required: ["name", "type"],
      },
    },
  });
});
