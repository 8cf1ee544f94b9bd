import type { PolicyResourceOptions, ResourceValidationArgs } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import { POLICIES } from "../src/policies.ts";

const SCRIPT = "cloudflare:index/workersScript:WorkersScript";
const SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain";
const GOOD = {
  scriptName: "visitor-tracker",
  compatibilityDate: "2026-09-01",
  bindings: [
    { type: "json", name: "ALLOWED_ORIGINS", json: '["https://example.com"]' },
    { type: "durable_object_namespace", name: "PAGE_COUNTER", className: "PageCounter" },
    { type: "secret_text", name: "API_TOKEN", text: "x" },
  ],
  migrations: { newTag: "v1", steps: [{ newSqliteClasses: ["PageCounter"] }] },
};

interface Resource {
  readonly type?: string;
  readonly stack?: string;
  readonly props?: Record<string, unknown>;
  readonly protect?: boolean;
  /** Of the policies. */
  readonly config?: object;
}

/** What the pack says of a resource, by policy. */
async function judge(resource: Resource): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const { name, validateResource } of POLICIES) {
    const report = (message: string): void => void (found[name] ??= []).push(message);
    for (const validate of [validateResource].flat()) await validate?.(argsOf(resource), report);
  }
  return found;
}

function argsOf(resource: Resource): ResourceValidationArgs {
  const { type = SCRIPT, stack = "prod", props = GOOD, protect = true } = resource;
  const opts: PolicyResourceOptions = {
    protect,
    ignoreChanges: [],
    aliases: [],
    customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
    additionalSecretOutputs: [],
  };
  const config = { stacks: ["prod"], allowDataLoss: [], ...resource.config };
  return {
    type,
    props,
    urn: `urn:pulumi:${stack}::project::${type}::visitor-tracker`,
    name: "visitor-tracker",
    opts,
    stackTags: new Map(),
    isType: () => false,
    asType: () => undefined,
    notApplicable: (reason) => {
      throw new Error(reason);
    },
    getConfig: () => Object.assign(Object.create(null), config),
  };
}

describe("the policy pack", () => {
  test("has nothing against a script as the program makes it", async () => {
    expect(await judge({})).toEqual({});
  });

  test.each<[string, Resource, string, string]>([
    [
      "a script without protection in production",
      { protect: false },
      "script-protected",
      "The script is not protected. Set it: pulumi config set protect true.",
    ],
    [
      "every site in production",
      { props: { ...GOOD, bindings: [{ type: "json", name: "ALLOWED_ORIGINS", json: '["*"]' }] } },
      "no-open-origin",
      "allowedOrigins has '*', so every site may use the Worker. List the sites instead.",
    ],
    [
      "a script without compatibility date",
      { props: { ...GOOD, compatibilityDate: "" } },
      "compatibility-date",
      "The script has no compatibilityDate. Set one, such as 2026-09-01.",
    ],
    [
      "a secret in clear",
      { props: { ...GOOD, bindings: [{ type: "plain_text", name: "API_TOKEN", text: "x" }] } },
      "no-plain-secrets",
      "The binding API_TOKEN has the name of a secret and shows its value. Use secret_text, or wrangler secret put API_TOKEN.",
    ],
    [
      "a class without SQLite",
      { props: { ...GOOD, migrations: { newTag: "v1", newClasses: ["PageCounter"] } } },
      "sqlite-classes",
      "The migration makes PageCounter by newClasses. Use newSqliteClasses: it cannot be changed later.",
    ],
    [
      "the deletion of a class",
      { props: { ...GOOD, migrations: { newTag: "v2", steps: [{ deletedClasses: ["Old"] }] } } },
      "no-class-deletion",
      "The migration deletes the class Old with all its objects. Rename it (renamedClasses), or list it in allowDataLoss of this policy's config.",
    ],
    [
      "workers.dev in production",
      { type: SUBDOMAIN, props: { enabled: true } },
      "workers-dev-off",
      "The Worker answers on workers.dev, too. Set customDomain or route, and workersDev false.",
    ],
  ])("reports %s", async (_what, resource, policy, message) => {
    expect(await judge(resource)).toEqual({ [policy]: [message] });
  });

  test.each<[string, Resource]>([
    ["no protection outside of production", { stack: "staging", protect: false }],
    [
      "workers.dev outside of production",
      { stack: "staging", type: SUBDOMAIN, props: { enabled: true } },
    ],
    ["workers.dev that is off", { type: SUBDOMAIN, props: { enabled: false } }],
    [
      "the deletion of a class on purpose",
      {
        props: { ...GOOD, migrations: { newTag: "v2", steps: [{ deletedClasses: ["Old"] }] } },
        config: { allowDataLoss: ["Old"] },
      },
    ],
    ["resources of other kinds", { type: "aws:s3/bucket:Bucket", props: {}, protect: false }],
  ])("has nothing against %s", async (_what, resource) => {
    expect(await judge(resource)).toEqual({});
  });

  test("takes other stacks for production when its config says so", async () => {
    const config = { stacks: ["live"] };
    expect(await judge({ protect: false, config })).toEqual({});
    expect(Object.keys(await judge({ stack: "live", protect: false, config }))).toEqual([
      "script-protected",
    ]);
  });

  test("only advises against workers.dev", () => {
    const advisory = POLICIES.filter(({ enforcementLevel }) => enforcementLevel === "advisory");
    expect(advisory.map(({ name }) => name)).toEqual(["workers-dev-off"]);
  });
});
