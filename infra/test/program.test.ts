import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as Pulumi from "@pulumi/pulumi";
import {
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from "vitest";
import { LIVE_HASH, LIVE_JS } from "../../worker/src/generated/live.ts";
import type { Recording, RecordingOptions } from "./support/recording.ts";
import { serveSubdomain } from "./support/subdomain.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const PROD = {
  "visitor-tracker:accountId": ACCOUNT,
  "visitor-tracker:allowedOrigins": '["https://example.com"]',
  "visitor-tracker:customDomain": "count.example.com",
};
const LOCAL = {
  "visitor-tracker:accountId": ACCOUNT,
  "visitor-tracker:allowedOrigins": '["http://localhost:*","none"]',
  "visitor-tracker:workersDev": "true",
  "visitor-tracker:cloudflareBaseUrl": "http://127.0.0.1:8789/client/v4",
  "visitor-tracker:edgeUrl": "http://localhost:8788",
};
const DEPLOYED = {
  id: "visitor-tracker",
  migrationTag: "v2",
  etag: "etag-1",
  modifiedOn: "2026-11-24T10:00:00.123456Z",
};
const MIGRATIONS = {
  newTag: "v2",
  steps: [{ newSqliteClasses: ["PageCounter"] }, { newSqliteClasses: ["SiteDirectory"] }],
};

const SCRIPT_TYPE = "cloudflare:index/workersScript:WorkersScript";
const SCRIPT_URN = `urn:pulumi:prod::visitor-tracker::visitor-tracker:index:VisitorTracker$${SCRIPT_TYPE}::visitor-tracker`;

/** State of a stack that deployed this script. */
function ownState(scriptName: string): object {
  return { [SCRIPT_URN]: { type: SCRIPT_TYPE, outputs: { scriptName, accountId: ACCOUNT } } };
}

interface ProgramOptions extends RecordingOptions {
  readonly config?: { readonly [key: string]: string };
  readonly secrets?: readonly string[];
}

interface Run {
  readonly recording: Recording;
  /** The program's exports, settled. */
  readonly outputs: { readonly [name: string]: unknown };
  /** Names of the outputs that are secrets. */
  readonly secretOutputs: readonly string[];
  /** The stack's state afterwards. */
  readonly state: object;
}

/** Starts the program as the engine would: fresh modules, config, stand-ins for engine and provider. */
async function start({ config = PROD, secrets = [], ...options }: ProgramOptions = {}) {
  vi.resetModules();
  const pulumi: typeof Pulumi = await import("@pulumi/pulumi");
  const { runToEnd, settled, startRecording, stateAfter } = await import("./support/recording.ts");
  const recording = await startRecording(options);
  pulumi.runtime.setAllConfig({ ...config }, [...secrets]);
  async function finish(): Promise<Run> {
    const program: { [name: string]: unknown } = await runToEnd(async () => ({
      ...(await import("../src/index.ts")),
    }));
    const outputs: { [name: string]: unknown } = {};
    const secretOutputs: string[] = [];
    for (const [name, value] of Object.entries(program)) {
      const output = pulumi.output(value);
      if (await pulumi.isSecret(output)) secretOutputs.push(name);
      outputs[name] = await settled(output);
    }
    const state = await stateAfter(recording);
    return { recording, outputs, secretOutputs, state };
  }
  return { recording, result: finish() };
}

/** Runs the program to its end. */
async function run(options: ProgramOptions = {}): Promise<Run> {
  return (await start(options)).result;
}

function inputsOf({ recording }: Run, type: string) {
  return recording.resources.find((resource) => resource.type.endsWith(`:${type}`))?.inputs;
}

// The SDK takes seconds to load on a busy machine, once for all tests.
beforeAll(async () => {
  await import("@pulumi/cloudflare");
}, 60_000);

beforeEach(() => {
  vi.stubEnv("CLOUDFLARE_API_TOKEN", undefined);
  vi.stubEnv("CLOUDFLARE_BASE_URL", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Of the one script in the bundle that was uploaded, which a browser is told to check. */
async function embedCodeOf(url: string): Promise<string> {
  const bundle = await readFile(join(import.meta.dirname, "../.build/worker.js"), "utf8");
  expect(bundle).toContain(JSON.stringify(LIVE_HASH));
  const integrity = createHash("sha384").update(LIVE_JS).digest("base64");
  return [
    `<script src="${url}/live-${LIVE_HASH}.js" integrity="sha384-${integrity}" crossorigin="anonymous" async></script>`,
    "<visitor-count></visitor-count>",
  ].join("\n");
}

describe("the program", () => {
  test("deploys a first time and gives every output", async () => {
    const { outputs, secretOutputs } = await run();
    expect(outputs).toEqual({
      url: "https://count.example.com",
      wsUrl: "wss://count.example.com/ws",
      embed: await embedCodeOf("https://count.example.com"),
      scriptName: "visitor-tracker",
      migrationTag: "v2",
      allowedOrigins: ["https://example.com"],
    });
    expect(secretOutputs).toEqual([]);
  });

  test("uploads the bundle that it wrote below its own folder", async () => {
    const script = inputsOf(await run(), "WorkersScript");
    const path = script?.["contentFile"];
    expect(path).toBe(".build/worker.js");
    const bytes = await readFile(join(import.meta.dirname, "..", String(path)));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(script?.["contentSha256"]);
  });

  test("registers the same resources with the same inputs when nothing has changed", async () => {
    const first = await run();
    const second = await run({ state: first.state, scripts: [DEPLOYED] });
    expect(second.recording.resources).toEqual(first.recording.resources);
    expect(inputsOf(second, "WorkersScript")?.["migrations"]).toEqual(MIGRATIONS);
    expect(second.outputs).toEqual(first.outputs);
    expect(second.state).toEqual(first.state);
  });

  test("sends no migrations with a change of config, and then none at all", async () => {
    const first = await run();
    const config = { ...PROD, "visitor-tracker:allowedOrigins": '["https://example.org"]' };
    const second = await run({ config, state: first.state, scripts: [DEPLOYED] });
    expect(inputsOf(second, "WorkersScript")).not.toHaveProperty("migrations");
    const third = await run({ config, state: second.state, scripts: [DEPLOYED] });
    expect(third.recording.resources).toEqual(second.recording.resources);
  });

  test("sends no migrations when someone else has changed the script", async () => {
    const first = await run();
    const second = await run({ state: first.state, scripts: [{ ...DEPLOYED, etag: "etag-2" }] });
    expect(inputsOf(second, "WorkersScript")).not.toHaveProperty("migrations");
  });

  test("sends no migrations with another version of the provider, which may upload anew", async () => {
    const first = await run();
    vi.doMock("@pulumi/cloudflare/package.json", () => ({ default: { version: "6.99.0" } }));
    onTestFinished(() => {
      vi.doUnmock("@pulumi/cloudflare/package.json");
    });
    const second = await run({ state: first.state, scripts: [DEPLOYED] });
    expect(inputsOf(second, "WorkersScript")).not.toHaveProperty("migrations");
  });

  test("asks the account through the stack's provider, before it registers anything of Cloudflare", async () => {
    const { recording } = await run();
    expect(recording.calls).toEqual([
      {
        token: "cloudflare:index/getWorkersScripts:getWorkersScripts",
        inputs: { accountId: ACCOUNT },
        provider: expect.stringMatching(/::cloudflare::cloudflare-id$/),
      },
    ]);
  });

  test("reads the state of its own stack, by organisation, project and stack", async () => {
    const { recording } = await run({ organization: "acme", stack: "staging" });
    expect(recording.stacks).toEqual(["acme/visitor-tracker/staging"]);
  });

  test("looks the route's zone up by name in the account", async () => {
    const config = {
      "visitor-tracker:accountId": ACCOUNT,
      "visitor-tracker:allowedOrigins": '["https://example.com"]',
      "visitor-tracker:route": "example.com/live/*",
      "visitor-tracker:zone": "example.com",
    };
    const result = await run({ config, zones: [{ id: "zone-1" }] });
    expect(result.recording.calls.map(({ inputs }) => inputs)).toContainEqual({
      name: "example.com",
      account: { id: ACCOUNT },
    });
    expect(inputsOf(result, "WorkersRoute")).toEqual({
      zoneId: "zone-1",
      pattern: "example.com/live/*",
      script: "visitor-tracker",
    });
    expect(result.outputs["url"]).toBe("https://example.com/live");
    const settings: unknown = inputsOf(result, "WorkersScript")?.["bindings"];
    expect(JSON.stringify(settings)).toContain(String.raw`\"basePath\":\"/live\"`);
  });

  test("gives no url when its only address is a route over many hosts, but the embed code for each", async () => {
    const { outputs } = await run({
      config: {
        "visitor-tracker:accountId": ACCOUNT,
        "visitor-tracker:allowedOrigins": '["https://*.example.com"]',
        "visitor-tracker:route": "*.example.com/live/*",
        "visitor-tracker:zone": "example.com",
      },
    });
    expect([outputs["url"], outputs["wsUrl"], outputs["embed"]]).toEqual([
      undefined,
      undefined,
      await embedCodeOf("/live"),
    ]);
  });

  test("previews with the same inputs as it updates", async () => {
    const update = await run();
    const preview = await run({ preview: true });
    expect(inputsOf(preview, "WorkersScript")).toEqual(inputsOf(update, "WorkersScript"));
    expect(inputsOf(preview, "WorkersCustomDomain")).toEqual(
      inputsOf(update, "WorkersCustomDomain"),
    );
    expect(preview.outputs).toEqual({
      ...update.outputs,
      migrationTag: "[unknown]",
    });
  });
});

describe("credentials", () => {
  const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

  test("from the environment stay out of the provider's inputs, and so out of the state", async () => {
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "t0ken");
    const result = await run();
    expect(inputsOf(result, "cloudflare")).toEqual({});
    expect(JSON.stringify(result.recording)).not.toContain("t0ken");
  });

  test("from the stack's config reach the provider as secrets", async () => {
    const config = { ...PROD, "cloudflare:apiToken": "t0ken" };
    const result = await run({ config, secrets: ["cloudflare:apiToken"] });
    expect(inputsOf(result, "cloudflare")).toEqual({ apiToken: { ...SECRET, value: "t0ken" } });
    expect(JSON.stringify(result.outputs)).not.toContain("t0ken");
  });

  test("of the local cloud are its own, whatever the environment has", async () => {
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "t0ken");
    const config = {
      ...LOCAL,
      "visitor-tracker:route": "localhost/*",
      "visitor-tracker:zone": "localhost",
    };
    const result = await run({ stack: "local", config });
    expect(inputsOf(result, "cloudflare")).toEqual({
      baseUrl: "http://127.0.0.1:8789/client/v4",
      apiToken: { ...SECRET, value: "local-cloud-token-0123456789abcdef0123456789abcdef" },
    });
    expect(result.outputs["wsUrl"]).toBe("ws://localhost:8788/ws");
    expect(JSON.stringify(result.recording)).not.toContain("t0ken");
  });

  test("an encrypted account ID is a secret wherever it goes, and no output is", async () => {
    const result = await run({ secrets: ["visitor-tracker:accountId"] });
    const secret = { ...SECRET, value: ACCOUNT };
    expect(inputsOf(result, "WorkersScript")?.["accountId"]).toEqual(secret);
    expect(inputsOf(result, "WorkersCustomDomain")?.["accountId"]).toEqual(secret);
    expect(result.secretOutputs).toEqual([]);
    expect(JSON.stringify(result.outputs)).not.toContain(ACCOUNT);
  });
});

describe("a stack with workers.dev alone", () => {
  test("takes its url from the account's subdomain", async () => {
    const { baseUrl, requests } = await serveSubdomain();
    vi.stubEnv("CLOUDFLARE_BASE_URL", `${baseUrl}/`);
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "t0ken");
    const { "visitor-tracker:customDomain": _, ...rest } = PROD;
    const { outputs } = await run({
      stack: "staging",
      config: { ...rest, "visitor-tracker:workersDev": "true" },
    });
    expect(outputs["url"]).toBe("https://visitor-tracker-staging.alice.workers.dev");
    expect(requests).toEqual([`Bearer t0ken /client/v4/accounts/${ACCOUNT}/workers/subdomain`]);
  });

  test("asks the local cloud with its own token, and answers below workers.localhost", async () => {
    const { baseUrl, requests } = await serveSubdomain();
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "t0ken");
    const config = { ...LOCAL, "visitor-tracker:cloudflareBaseUrl": baseUrl };
    const { outputs } = await run({ stack: "local", config });
    expect(outputs["wsUrl"]).toBe("ws://visitor-tracker-local.alice.workers.localhost:8788/ws");
    expect(requests).toEqual([
      `Bearer local-cloud-token-0123456789abcdef0123456789abcdef /client/v4/accounts/${ACCOUNT}/workers/subdomain`,
    ]);
  });
});

describe("an update that must not go on registers nothing of Cloudflare", () => {
  test.each<[string, ProgramOptions, string]>([
    [
      "the config is wrong",
      { config: { "visitor-tracker:accountId": "acc" } },
      "Stack 'prod' cannot be deployed, its config (Pulumi.prod.yaml) has 3 problems:",
    ],
    [
      "the script would be replaced by another",
      { state: ownState("old") },
      "This update would replace the script 'old' by 'visitor-tracker'",
    ],
    [
      "the deployed tag is unknown",
      { scripts: [{ ...DEPLOYED, migrationTag: "v9" }], state: ownState("visitor-tracker") },
      "the deployed script 'visitor-tracker' is at migration tag 'v9'",
    ],
    [
      "the account has no such zone",
      { config: { ...PROD, "visitor-tracker:zone": "example.com" }, zones: [] },
      "The account has no zone 'example.com', or the API token may not read it (permission Zone, Read). Set the zone's ID instead, from its overview page in the dashboard: pulumi config set zone <32 hexadecimal digits>.",
    ],
    [
      "the account has two such zones",
      {
        config: { ...PROD, "visitor-tracker:zone": "example.com" },
        zones: [{ id: "1" }, { id: "2" }],
      },
      "The account has 2 zones 'example.com'.",
    ],
    [
      "the API cannot be asked",
      { failCalls: "403 Forbidden" },
      "Cloudflare's API did not tell the account's scripts: 403 Forbidden\nNothing was changed. Check accountId, the network, and that CLOUDFLARE_API_TOKEN is set and has the permission Workers Scripts, Read.",
    ],
    [
      "the local cloud cannot be asked",
      {
        stack: "local",
        config: {
          ...LOCAL,
          "visitor-tracker:route": "localhost/*",
          "visitor-tracker:zone": "localhost",
        },
        failCalls: "connection refused",
      },
      "connection refused\nNothing was changed. Check that the local cloud is running, at cloudflareBaseUrl.",
    ],
  ])("when %s", async (_what, options, message) => {
    const { recording, result } = await start(options);
    await expect(result).rejects.toMatchObject({
      __pulumiRunError: true,
      message: expect.stringContaining(message),
    });
    expect(recording.resources.filter(({ type }) => type.startsWith("cloudflare:"))).toEqual([]);
  });
});

describe("the stack's own state", () => {
  test("is read again when it is just being saved", async () => {
    const { recording } = await run({ unreadableTimes: 2 });
    expect(recording.stacks).toEqual(Array(3).fill("organization/visitor-tracker/prod"));
  });

  test("stops the update when it stays unreadable, before anything is uploaded", async () => {
    const { recording, result } = await start({ unreadableTimes: 10 });
    await expect(result).rejects.toThrow(/cannot be read.*failed to load checkpoint: EOF/s);
    expect(recording.resources.filter(({ type }) => type.includes("WorkersScript"))).toEqual([]);
  });
});
