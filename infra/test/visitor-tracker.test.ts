import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_LIMITS } from "@visitor-tracker/protocol";
import { describe, expect, test } from "vitest";
import type { Exposure } from "../src/exposure-config.ts";
import { VisitorTracker, type VisitorTrackerArgs } from "../src/visitor-tracker.ts";
import {
  ofType,
  SECRET,
  settled,
  startRecording,
  typesOf,
  UPLOADED,
  ZONE_ID,
  type RecordingOptions,
} from "./support/recording.ts";

const ARGS: VisitorTrackerArgs = {
  accountId: "acc",
  scriptName: "tracker",
  bundle: { path: ".build/worker.js", sha256: "c0ffee" },
  allowedOrigins: ["https://a.com", "none"],
  exposure: { workersDev: true },
  settings: {
    demo: false,
    basePath: "/live",
    pageQuery: [],
    siteCount: false,
    limits: DEFAULT_LIMITS,
  },
  protect: false,
  plan: { inputs: "aa" },
};
const MIGRATIONS = { newTag: "v1", steps: [{ newSqliteClasses: ["PageCounter"] }] };
const ON_ROUTE: Exposure = {
  route: {
    pattern: "blog.example.com/live/*",
    host: "blog.example.com",
    basePath: "/live",
    manageDns: false,
  },
  zone: "example.com",
  workersDev: false,
};
const ON_ROUTE_WITH_DNS: Exposure = {
  route: {
    pattern: "blog.example.com/live/*",
    host: "blog.example.com",
    basePath: "/live",
    manageDns: true,
  },
  zone: "example.com",
  workersDev: false,
};

/** Creates the component and waits until every registration has been answered. */
async function create(args: Partial<VisitorTrackerArgs> = {}, options: RecordingOptions = {}) {
  const recording = await startRecording(options);
  const provider = new cloudflare.Provider("cloudflare", {});
  const optionsOf = new Map<string, pulumi.CustomResourceOptions>();
  const tracker = new VisitorTracker(
    "tracker",
    { ...ARGS, ...args },
    {
      provider,
      transformations: [
        ({ type, opts }) => {
          optionsOf.set(type.split(":").at(-1) ?? "", opts);
          return undefined;
        },
      ],
    },
  );
  await pulumi.runtime.disconnect();
  return { recording, tracker, optionsOf };
}

describe("the script", () => {
  test("is uploaded with exactly these inputs", async () => {
    const { recording } = await create({ plan: { inputs: "aa", migrations: MIGRATIONS } });
    const scripts = ofType(recording, "WorkersScript");
    expect(scripts.map(({ name, inputs }) => ({ name, inputs }))).toEqual([
      {
        name: "tracker",
        inputs: {
          accountId: "acc",
          scriptName: "tracker",
          mainModule: "worker.js",
          contentFile: ".build/worker.js",
          contentSha256: "c0ffee",
          compatibilityDate: "2026-09-01",
          compatibilityFlags: ["no_web_socket_compression"],
          bindings: [
            { type: "json", name: "ALLOWED_ORIGINS", json: '["https://a.com","none"]' },
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
            { type: "json", name: "SETTINGS", json: JSON.stringify(ARGS.settings) },
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
    const limits = { ...DEFAULT_LIMITS, upgradesPerMinute: 5, readsPerMinute: 7 };
    const { recording } = await create({
      scriptName: "tracker-staging",
      settings: { ...ARGS.settings, limits },
    });
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
    const { recording } = await create({ plan: { inputs: "aa" } });
    expect(ofType(recording, "WorkersScript")[0]?.inputs).not.toHaveProperty("migrations");
  });

  test("is protected and not deleted by force when asked for, and it alone", async () => {
    const { recording, optionsOf } = await create({ protect: true });
    expect(optionsOf.get("WorkersScript")?.protect).toBe(true);
    expect(optionsOf.get("WorkersScriptSubdomain")?.protect).toBeUndefined();
    expect(ofType(recording, "WorkersScript")[0]?.inputs).not.toHaveProperty("force");
  });

  test("is not protected unless asked for", async () => {
    const { optionsOf } = await create({ protect: false });
    expect(optionsOf.get("WorkersScript")?.protect).toBe(false);
  });

  test("keeps an account ID that is a secret a secret, and hides nothing else", async () => {
    const { recording, tracker } = await create({ accountId: pulumi.secret("acc") });
    for (const type of ["WorkersScript", "WorkersScriptSubdomain"]) {
      expect(ofType(recording, type)[0]?.inputs["accountId"]).toEqual({ ...SECRET, value: "acc" });
    }
    expect(JSON.stringify(recording.resources).split(SECRET_SIGNATURE)).toHaveLength(3);
    expect(await pulumi.isSecret(tracker.scriptName)).toBe(false);
  });

  test("gives its name and tag as outputs, and keeps what the next run must know", async () => {
    const { recording, tracker } = await create();
    const { scriptName, migrationTag } = tracker;
    expect(await settled(pulumi.all([scriptName, migrationTag]))).toEqual(["tracker", "v2"]);
    expect(await settled(pulumi.output(recording.registered[0] ?? {}))).toEqual({
      scriptName: "tracker",
      migrationTag: "v2",
      lastUpload: { inputs: "aa", etag: UPLOADED.etag, modifiedOn: UPLOADED.modifiedOn },
    });
  });
});

describe("exposure", () => {
  test("on workers.dev is the script's subdomain without preview addresses, and nothing else", async () => {
    const { recording } = await create();
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersScriptSubdomain"]);
    expect(ofType(recording, "WorkersScriptSubdomain")[0]?.inputs).toEqual({
      accountId: "acc",
      scriptName: "tracker",
      enabled: true,
      previewsEnabled: false,
    });
  });

  test("on a custom domain leaves the zone to Cloudflare when none is given", async () => {
    const { recording, optionsOf } = await create({
      exposure: { customDomain: "count.example.com", workersDev: false },
    });
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersCustomDomain"]);
    expect(ofType(recording, "WorkersCustomDomain")[0]?.inputs).toEqual({
      accountId: "acc",
      hostname: "count.example.com",
      service: "tracker",
    });
    expect(optionsOf.get("WorkersCustomDomain")?.deleteBeforeReplace).toBe(true);
  });

  test("on a custom domain says the zone when one is given", async () => {
    const { recording } = await create({
      exposure: { customDomain: "count.example.com", zone: "example.com", workersDev: false },
      zoneId: ZONE_ID,
    });
    expect(ofType(recording, "WorkersCustomDomain")[0]?.inputs).toEqual({
      accountId: "acc",
      hostname: "count.example.com",
      service: "tracker",
      zoneId: ZONE_ID,
    });
  });

  test("on a route is the pattern in its zone, and no DNS record", async () => {
    const { recording } = await create({ exposure: ON_ROUTE, zoneId: ZONE_ID });
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersRoute"]);
    expect(ofType(recording, "WorkersRoute")[0]?.inputs).toEqual({
      zoneId: ZONE_ID,
      pattern: "blog.example.com/live/*",
      script: "tracker",
    });
  });

  test("makes the proxied record of a route's host when asked for, after the route", async () => {
    const { recording, optionsOf } = await create({
      exposure: ON_ROUTE_WITH_DNS,
      zoneId: ZONE_ID,
    });
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
      exposure: { ...ON_ROUTE, customDomain: "count.example.com", workersDev: true },
      zoneId: ZONE_ID,
    });
    expect(new Set(typesOf(recording))).toEqual(
      new Set(["WorkersScript", "WorkersCustomDomain", "WorkersRoute", "WorkersScriptSubdomain"]),
    );
  });

  test("goes through the component's provider", async () => {
    const { recording } = await create({
      exposure: { ...ON_ROUTE_WITH_DNS, customDomain: "count.example.com", workersDev: true },
      zoneId: ZONE_ID,
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

describe("a preview", () => {
  test("with an account and a zone that are not known yet registers all the same", async () => {
    const { recording } = await create(
      {
        accountId: unknownText(),
        zoneId: unknownText(),
        exposure: ON_ROUTE,
        plan: { inputs: "aa", migrations: MIGRATIONS },
      },
      { preview: true },
    );
    expect(typesOf(recording)).toEqual(["WorkersScript", "WorkersRoute"]);
    const [script] = ofType(recording, "WorkersScript");
    expect(script?.inputs["accountId"]).toBe(pulumi.unknown);
    expect(script?.inputs["contentSha256"]).toBe("c0ffee");
    expect(script?.inputs["migrations"]).toEqual(MIGRATIONS);
    expect(ofType(recording, "WorkersRoute")[0]?.inputs).toEqual({
      zoneId: pulumi.unknown,
      pattern: "blog.example.com/live/*",
      script: "tracker",
    });
  });
});

const SECRET_SIGNATURE = Object.values(SECRET).join("");

function unknownText(): pulumi.Output<string> {
  return pulumi.output(Promise.resolve(pulumi.unknown)).apply(String);
}
