import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_LIMITS } from "@visitor-tracker/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { VisitorTrackerArgs } from "../src/arguments.ts";
import { ARGUMENT_WORDS } from "../src/setting-words.ts";
import { markIn } from "../src/stack-mark.ts";
import { fingerprint } from "../src/upload-plan.ts";
import { Tracker, type Host } from "../src/visitor-tracker.ts";
import {
  ofType,
  runToEnd,
  SECRET,
  settled,
  startRecording,
  typesOf,
  UNKNOWN,
  UPLOADED,
  ZONE_ID,
  type RecordingOptions,
} from "./support/recording.ts";
import { serveSubdomain } from "./support/subdomain.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const ARGS: VisitorTrackerArgs = {
  accountId: ACCOUNT,
  allowedOrigins: ["none", "https://a.com"],
  customDomain: "count.example.com",
  scriptName: "tracker",
  protect: false,
};
const ON_ROUTE = {
  customDomain: undefined,
  route: "blog.example.com/live/*",
  zone: "example.com",
};
const DEPLOYED = { id: "tracker", ...UPLOADED };
const MIGRATIONS = {
  newTag: "v2",
  steps: [{ newSqliteClasses: ["PageCounter"] }, { newSqliteClasses: ["SiteDirectory"] }],
};
const SETTINGS = {
  demo: false,
  basePath: "",
  pageQuery: [],
  siteCount: false,
  limits: DEFAULT_LIMITS,
};
const HOST: Host = {
  writeBundle: async () => ({
    bundle: { path: ".build/worker.js", sha256: "c0ffee" },
    live: { path: "/live-1.js", integrity: "sha384-aa" },
  }),
  words: ARGUMENT_WORDS,
};

interface CreateOptions extends RecordingOptions {
  readonly name?: string;
  readonly opts?: pulumi.ComponentResourceOptions;
  readonly provider?: () => cloudflare.Provider;
}

/** Starts the stand-ins. */
async function prepare(args: Partial<VisitorTrackerArgs>, options: CreateOptions) {
  const { name = "tracker", opts = {}, provider = ownProvider, ...others } = options;
  const recording = await startRecording(others);
  const optionsOf = new Map<string, pulumi.CustomResourceOptions>();
  const build = (): Tracker =>
    new Tracker(name, { ...ARGS, ...args }, HOST, {
      provider: provider(),
      transformations: [
        ({ type, opts: registered }) => {
          optionsOf.set(type.split(":").at(-1) ?? "", registered);
          return undefined;
        },
      ],
      ...opts,
    });
  return { recording, optionsOf, build };
}

function ownProvider(): cloudflare.Provider {
  return new cloudflare.Provider("cloudflare", {});
}

function localProvider(): cloudflare.Provider {
  return new cloudflare.Provider("local", { baseUrl: "http://127.0.0.1:9/client/v4" });
}

/** Creates the component and waits until every registration has been answered. */
async function create(args: Partial<VisitorTrackerArgs> = {}, options: CreateOptions = {}) {
  const { build, ...others } = await prepare(args, options);
  return { ...others, tracker: await runToEnd(build) };
}

/** Creates a component that refuses to be. */
async function refuse(args: Partial<VisitorTrackerArgs>, options: CreateOptions = {}) {
  const { build, recording } = await prepare(args, options);
  const error: unknown = await runToEnd(build).catch((reason: unknown) => reason);
  if (!pulumi.RunError.isInstance(error)) throw new Error(`not refused: ${String(error)}`);
  return { recording, failure: error.message };
}

beforeEach(() => {
  vi.stubEnv("CLOUDFLARE_API_TOKEN", undefined);
  vi.stubEnv("CLOUDFLARE_BASE_URL", undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the script", () => {
  test("is uploaded with exactly these inputs", async () => {
    const { recording } = await create();
    const scripts = ofType(recording, "WorkersScript");
    expect(scripts.map(({ name, inputs }) => ({ name, inputs }))).toEqual([
      {
        name: "tracker",
        inputs: {
          accountId: ACCOUNT,
          scriptName: "tracker",
          mainModule: "worker.js",
          contentFile: ".build/worker.js",
          contentSha256: "c0ffee",
          compatibilityDate: "2026-09-01",
          compatibilityFlags: ["no_web_socket_compression"],
          bindings: [
            { type: "json", name: "ALLOWED_ORIGINS", json: '["https://a.com","none"]' },
            {
              type: "json",
              name: "DEPLOYED_BY",
              json: expect.stringMatching(
                /^\{"project":"visitor-tracker","stack":"prod","inputs":"[\da-f]{16}"\}$/,
              ),
            },
            { type: "durable_object_namespace", name: "PAGE_COUNTER", className: "PageCounter" },
            {
              type: "ratelimit",
              name: "RATE_LIMIT",
              namespaceId: "128861334",
              simple: { limit: 60, period: 60 },
            },
            {
              type: "ratelimit",
              name: "READ_LIMIT",
              namespaceId: "36975151",
              simple: { limit: 600, period: 60 },
            },
            { type: "json", name: "SETTINGS", json: JSON.stringify(SETTINGS) },
            {
              type: "durable_object_namespace",
              name: "SITE_DIRECTORY",
              className: "SiteDirectory",
            },
          ],
          keepBindings: ["secret_text", "secret_key"],
          observability: {
            enabled: true,
            headSamplingRate: 1,
            logs: { enabled: true, headSamplingRate: 1, invocationLogs: false, persist: true },
          },
          force: true,
          migrations: MIGRATIONS,
        },
      },
    ]);
  });

  test("has no binding with text, which would hide the others in previews", async () => {
    const { recording } = await create();
    const [script] = ofType(recording, "WorkersScript");
    expect(JSON.stringify(script?.inputs["bindings"])).not.toContain('"text"');
  });

  test("counts upgrades and reads apart, and from other scripts of the account, up to the configured limits", async () => {
    const limits = { upgradesPerMinute: 5, readsPerMinute: 7 };
    const { recording } = await create({ scriptName: "tracker-staging", limits });
    const [script] = ofType(recording, "WorkersScript");
    const bindings: unknown = script?.inputs["bindings"];
    expect(Array.isArray(bindings) && bindings.filter(({ type }) => type === "ratelimit")).toEqual([
      {
        type: "ratelimit",
        name: "RATE_LIMIT",
        namespaceId: "249520708",
        simple: { limit: 5, period: 60 },
      },
      {
        type: "ratelimit",
        name: "READ_LIMIT",
        namespaceId: expect.stringMatching(/^\d+$/),
        simple: { limit: 7, period: 60 },
      },
    ]);
  });

  test("says nothing about migrations when nothing is pending", async () => {
    const { recording } = await create({}, { scripts: [DEPLOYED] });
    expect(ofType(recording, "WorkersScript")[0]?.inputs).not.toHaveProperty("migrations");
  });

  test("is protected and not deleted by force when asked for, and it alone", async () => {
    const { recording, optionsOf } = await create({ protect: true });
    expect(optionsOf.get("WorkersScript")?.protect).toBe(true);
    expect(optionsOf.get("WorkersCustomDomain")?.protect).toBeUndefined();
    expect(ofType(recording, "WorkersScript")[0]?.inputs).not.toHaveProperty("force");
  });

  test.each([
    ["in the stack prod", "prod", {}, true],
    ["in another stack", "dev", {}, false],
    ["with the component's own option", "dev", { protect: true }, true],
    ["with the option off in the stack prod", "prod", { protect: false }, false],
  ])("is protected by default %s: %4$s", async (_where, stack, opts, isProtected) => {
    const { optionsOf } = await create({ protect: undefined }, { stack, opts });
    expect(optionsOf.get("WorkersScript")?.protect).toBe(isProtected);
  });

  test.each([
    ["prod", "count"],
    ["dev", "count-dev"],
    ["PR/12", "count-pr-12"],
  ])("of component Count in stack %s is called %s", async (stack, scriptName) => {
    const { recording } = await create({ scriptName: undefined }, { stack, name: "Count" });
    const [script] = ofType(recording, "WorkersScript");
    expect([script?.name, script?.inputs["scriptName"]]).toEqual(["Count", scriptName]);
  });

  test("keeps an account ID that is a secret a secret, and hides nothing else", async () => {
    const { recording, tracker } = await create({ accountId: pulumi.secret(ACCOUNT) });
    for (const type of ["WorkersScript", "WorkersCustomDomain"]) {
      expect(ofType(recording, type)[0]?.inputs["accountId"]).toEqual({
        ...SECRET,
        value: ACCOUNT,
      });
    }
    expect(JSON.stringify(recording.resources).split(SECRET_SIGNATURE)).toHaveLength(3);
    expect(await pulumi.isSecret(tracker.scriptName)).toBe(false);
  });

  test("carries the fingerprint of what is uploaded, and not of the provider's version", async () => {
    const { recording } = await create();
    const [script] = ofType(recording, "WorkersScript");
    const { accountId: _, migrations: __, bindings, ...inputs } = script?.inputs ?? {};
    const json = JSON.stringify({ project: "visitor-tracker", stack: "prod" });
    const unmarked = Array.isArray(bindings)
      ? bindings.map((one) => (one.name === "DEPLOYED_BY" ? { ...one, json } : one))
      : [];
    expect(markIn(bindings)?.inputs).toBe(fingerprint({ ...inputs, bindings: unmarked }));
  });

  test("gives its name and tag as outputs, and keeps what the next run must know", async () => {
    const { recording, tracker } = await create();
    const { scriptName, migrationTag } = tracker;
    expect(await settled(pulumi.all([scriptName, migrationTag]))).toEqual(["tracker", "v2"]);
    expect(await settled(pulumi.output(recording.registered[0] ?? {}))).toEqual({
      scriptName: "tracker",
      migrationTag: "v2",
      lastUpload: {
        inputs: expect.stringMatching(/^[\da-f]{16}$/),
        etag: UPLOADED.etag,
        modifiedOn: UPLOADED.modifiedOn,
      },
    });
  });
});

describe("exposure", () => {
  test("on workers.dev is the script's subdomain without preview addresses, and nothing else", async () => {
    const { baseUrl } = await serveSubdomain();
    vi.stubEnv("CLOUDFLARE_BASE_URL", baseUrl);
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "t0ken");
    const { recording } = await create({ customDomain: undefined, workersDev: true });
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersScriptSubdomain"]);
    expect(ofType(recording, "WorkersScriptSubdomain")[0]?.inputs).toEqual({
      accountId: ACCOUNT,
      scriptName: "tracker",
      enabled: true,
      previewsEnabled: false,
    });
  });

  test("on a custom domain leaves the zone to Cloudflare when none is given", async () => {
    const { recording, optionsOf } = await create();
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersCustomDomain"]);
    expect(ofType(recording, "WorkersCustomDomain")[0]?.inputs).toEqual({
      accountId: ACCOUNT,
      hostname: "count.example.com",
      service: "tracker",
    });
    expect(optionsOf.get("WorkersCustomDomain")?.deleteBeforeReplace).toBe(true);
  });

  test("on a custom domain says the zone when one is given", async () => {
    const { recording } = await create({ zone: "example.com" });
    expect(ofType(recording, "WorkersCustomDomain")[0]?.inputs).toEqual({
      accountId: ACCOUNT,
      hostname: "count.example.com",
      service: "tracker",
      zoneId: ZONE_ID,
    });
  });

  test("on a route is the pattern in its zone, and no DNS record", async () => {
    const { recording } = await create(ON_ROUTE);
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersRoute"]);
    expect(ofType(recording, "WorkersRoute")[0]?.inputs).toEqual({
      zoneId: ZONE_ID,
      pattern: "blog.example.com/live/*",
      script: "tracker",
    });
  });

  test("makes the proxied record of a route's host when asked for, after the route", async () => {
    const { recording, optionsOf } = await create({ ...ON_ROUTE, manageDns: true });
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersRoute", "DnsRecord"]);
    expect(ofType(recording, "DnsRecord")[0]?.inputs).toEqual({
      zoneId: ZONE_ID,
      name: "blog.example.com",
      type: "AAAA",
      content: "100::",
      proxied: true,
      ttl: 1,
    });
    const dependsOn = optionsOf.get("DnsRecord")?.dependsOn;
    expect(dependsOn).toEqual([expect.any(cloudflare.WorkersRoute)]);
  });

  test("may be all three at once", async () => {
    const { recording } = await create({
      ...ON_ROUTE,
      customDomain: "count.example.com",
      workersDev: true,
    });
    expect(new Set(typesOf(recording))).toEqual(
      new Set(["WorkersScript", "WorkersCustomDomain", "WorkersRoute", "WorkersScriptSubdomain"]),
    );
  });

  test("goes through the component's provider", async () => {
    const { recording } = await create({
      ...ON_ROUTE,
      manageDns: true,
      customDomain: "count.example.com",
      workersDev: true,
    });
    const providers = recording.resources
      .filter(({ type }) => type.startsWith("cloudflare:"))
      .map(({ provider }) => provider);
    const [own] = recording.resources.filter(({ type }) => type === "pulumi:providers:cloudflare");
    expect(own?.name).toBe("cloudflare");
    expect(providers).toHaveLength(5);
    for (const provider of providers) expect(provider).toMatch(/::cloudflare::cloudflare-id$/);
  });
});

describe("outputs", () => {
  test("are the addresses and the lines for a page, known in previews too", async () => {
    const { tracker } = await create({}, { preview: true });
    const { url, wsUrl, embed, scriptName, migrationTag } = tracker;
    const outputs = [url, wsUrl, embed, scriptName, migrationTag];
    expect(await Promise.all(outputs.map((output) => settled<string | undefined>(output)))).toEqual(
      [
        "https://count.example.com",
        "wss://count.example.com/ws",
        '<script src="https://count.example.com/live-1.js" integrity="sha384-aa" crossorigin="anonymous" async></script>\n<visitor-count></visitor-count>',
        "tracker",
        UNKNOWN,
      ],
    );
  });

  test("take scheme and port of a local cloud's edge when the provider's API is one", async () => {
    const args = { edgeUrl: "http://localhost:8788" };
    const { tracker } = await create(args, { provider: localProvider });
    expect(await settled(tracker.url)).toBe("http://count.example.com:8788");
  });
});

describe("a component that had another name", () => {
  const state = {
    "urn:pulumi:prod::visitor-tracker::visitor-tracker:index:VisitorTracker$cloudflare:index/workersScript:WorkersScript::tracker":
      {
        type: "cloudflare:index/workersScript:WorkersScript",
        outputs: { scriptName: "tracker", accountId: ACCOUNT },
      },
  };

  test.each([
    ["as an alias's name", { name: "tracker" }],
    [
      "as an alias's URN",
      "urn:pulumi:prod::visitor-tracker::visitor-tracker:index:VisitorTracker::tracker",
    ],
  ])("given %s still may not destroy its script", async (_how, alias) => {
    const options = { name: "fresh", opts: { aliases: [alias] }, state };
    const { failure } = await refuse({ scriptName: "other" }, options);
    expect(failure).toContain("This update would replace the script 'tracker' by 'other'");
    expect(failure).toContain('To keep it, go back: scriptName: "tracker".');
  });

  test("without an alias may not upload over its script, which would be deleted afterwards", async () => {
    const { recording, failure } = await refuse({}, { name: "fresh", state, scripts: [DEPLOYED] });
    expect(failure).toContain("the script 'tracker' is that of another component of this stack");
    expect(failure).toContain('aliases: [{ name: "tracker" }]');
    expect(typesOf(recording)).toEqual([]);
  });

  test("may take another script beside it, or the same name in another account", async () => {
    const options = { name: "fresh", state };
    const accountId = "f".repeat(32);
    expect(typesOf((await create({ scriptName: "other" }, options)).recording)).not.toEqual([]);
    expect(typesOf((await create({ accountId }, options)).recording)).not.toEqual([]);
  });
});

describe("arguments", () => {
  test("that are wrong are named all at once, each with what to write", async () => {
    const { recording, failure } = await refuse({
      accountId: "acc",
      allowedOrigins: ["example.com", "https://a.com"],
      customDomain: "https://count.example.com",
      limits: { tabsPerVisitor: 0 },
      zone: pulumi.secret("example.com"),
    });
    expect(failure).toBe(
      [
        "VisitorTracker 'tracker' cannot be deployed, its arguments have 5 problems:",
        "  zone: is a secret, but visitors can see it anyway, and previews could not show its changes; set it in clear",
        '      zone: "<value>"',
        "  accountId: 'acc' is not the account's ID, 32 hexadecimal digits in lower case",
        '      accountId: "0123456789abcdef0123456789abcdef"',
        "  allowedOrigins: 'example.com' has no scheme; use 'https://example.com'",
        '      allowedOrigins[0]: "https://example.com"',
        "  customDomain: 'https://count.example.com' is not a host name (lower case, without scheme, port, path and wildcard)",
        '      customDomain: "count.example.com"',
        "  limits.tabsPerVisitor: 0 cannot be used; use a whole number from 1 to 100",
        "      limits.tabsPerVisitor: 8",
      ].join("\n"),
    );
    expect(typesOf(recording)).toEqual([]);
  });

  test("that only the update knows are refused, since a preview could not tell what changes", async () => {
    const { recording, failure } = await refuse(
      { accountId: unknownText(), customDomain: unknownText() },
      { preview: true },
    );
    expect(failure).toBe(
      [
        "VisitorTracker 'tracker' cannot be deployed, its arguments have 2 problems:",
        "  accountId: is known only when the update runs, but what an update would change depends on it",
        "      give a value that previews know, too: plain, from config, or of another stack",
        "  customDomain: is known only when the update runs, but what an update would change depends on it",
        "      give a value that previews know, too: plain, from config, or of another stack",
      ].join("\n"),
    );
    expect(typesOf(recording)).toEqual([]);
  });

  test("may be outputs that are known", async () => {
    const { recording } = await create({
      allowedOrigins: [pulumi.interpolate`https://${pulumi.output("b.com")}`],
      customDomain: pulumi.output("count.b.com"),
    });
    const [script] = ofType(recording, "WorkersScript");
    expect(JSON.stringify(script?.inputs["bindings"])).toContain(String.raw`[\"https://b.com\"]`);
    expect(ofType(recording, "WorkersCustomDomain")[0]?.inputs["hostname"]).toBe("count.b.com");
  });
});

const SECRET_SIGNATURE = Object.values(SECRET).join("");

function unknownText(): pulumi.Output<string> {
  return pulumi.output(Promise.resolve(pulumi.unknown)).apply(String);
}
