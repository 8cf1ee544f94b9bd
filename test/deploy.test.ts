import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Visitor } from "../scripts/visitor.ts";
import { LocalStack } from "./support/local-stack.ts";

const WORKER = "worker/src/index.ts";
const NOTHING_AT = "there is nothing at";

/** The whole life of a stack, in order: each step starts from what the one before has left. */
describe("a stack's life with the real engine", () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await LocalStack.start();
  });
  afterAll(() => stack.stop());

  const edge = (path: string): Promise<Response> => fetch(`${stack.cloud.edgeUrl}${path}`);
  const script = async (): Promise<Record<string, unknown>> => {
    const scripts = await stack.api("/accounts/:account/workers/scripts");
    return Array.isArray(scripts) && scripts.length === 1 ? { ...Object(scripts[0]) } : {};
  };
  const expectNoChanges = async (): Promise<void> => {
    const preview = await stack.pulumi("preview", "--expect-no-changes", "--diff");
    expect(preview.code, preview.output).toBe(0);
  };

  test("up creates the script, the namespace, the route and the workers.dev address", async () => {
    const { output, seconds } = await stack.up();
    console.log(`pulumi up, first: ${seconds.toFixed(1)} s`);
    expect(output).toMatch(/\+ cloudflare:index\/workersScript:WorkersScript: \(create\)/);
    expect(output).toMatch(/Resources:\n\s+\+ \d+ created/);
    expect(await script()).toMatchObject({ id: "visitor-tracker-local", migration_tag: "v2" });
    expect(await stack.outputs()).toMatchObject({
      url: stack.cloud.edgeUrl,
      wsUrl: `${stack.cloud.edgeUrl.replace("http", "ws")}/ws`,
      scriptName: "visitor-tracker-local",
      migrationTag: "v2",
    });
    expect((await edge("/health")).status).toBe(200);
  });

  test("a second up and a preview change nothing", async () => {
    const { output, seconds } = await stack.up();
    console.log(`pulumi up, nothing to do: ${seconds.toFixed(1)} s`);
    expect(output).toMatch(/Resources:\n\s+\d+ unchanged/);
    await expectNoChanges();
  });

  test("changed code is uploaded once more, and again there is nothing to change", async () => {
    await stack.checkout.edit(WORKER, NOTHING_AT, "here is nothing at");
    const { output } = await stack.up();
    expect(output).toMatch(/~ 1 updated/);
    expect(output).toMatch(/~ contentSha256/);
    expect(await (await edge("/nowhere")).text()).toContain("here is nothing at");
    expect((await script())["migration_tag"]).toBe("v2");
    await expectNoChanges();
  });

  test("a migration step makes one more namespace and keeps the objects of the others", async () => {
    const namespaces = async (): Promise<unknown> =>
      stack.api("/accounts/:account/workers/durable_objects/namespaces");
    const before = await namespaces();
    await stack.checkout.edit(
      "infra/src/ledger.ts",
      '{ tag: "v2", newSqliteClasses: ["SiteDirectory"] }',
      '{ tag: "v2", newSqliteClasses: ["SiteDirectory"] }, { tag: "v3", newSqliteClasses: ["Archive"] }',
    );
    await stack.checkout.edit(
      WORKER,
      'export { PageCounter } from "./page-counter.ts";',
      'export { PageCounter, PageCounter as Archive } from "./page-counter.ts";',
    );
    await stack.up();
    expect((await script())["migration_tag"]).toBe("v3");
    expect(await namespaces()).toEqual([
      ...(Array.isArray(before) ? before : []),
      expect.objectContaining({
        class: "Archive",
        script: "visitor-tracker-local",
        use_sqlite: true,
      }),
    ]);
    await expectNoChanges();
  });

  test("a new allowed origin is named by the preview and let in by the update", async () => {
    const origin = "https://blog.example.com";
    const allowed = async (): Promise<string | null> =>
      (await fetch(`${stack.cloud.edgeUrl}/health`, { headers: { origin } })).headers.get(
        "access-control-allow-origin",
      );
    expect(await allowed()).toBeNull();
    await stack.checkout.edit(
      "Pulumi.local.yaml",
      "    - http://localhost:*",
      `    - ${origin}\n    - http://localhost:*`,
    );
    const preview = await stack.pulumi("preview", "--diff");
    expect(preview.output).toMatch(/~ json: \(json\) \[[\s\S]*?"https:\/\/blog\.example\.com"/);
    expect(preview.output).not.toContain("[secret]");
    await stack.up();
    expect(await allowed()).toBe(origin);
    await expectNoChanges();
  });

  test("connected visitors are let go by an upload and can join at once", async () => {
    const page = `/${randomUUID()}`;
    const join = (): Promise<Visitor> =>
      Visitor.join(stack.cloud.edgeUrl, {
        page,
        userId: randomUUID(),
        origin: stack.cloud.edgeUrl,
        query: { v: "2" },
      });
    const before = [await join(), await join()];
    await before[0]?.sees(2);
    await stack.checkout.edit(WORKER, "here is nothing at", NOTHING_AT);
    await stack.up();
    await Promise.all(before.map(({ closed }) => closed));
    const after = [await join(), await join()];
    await Promise.all(after.map((visitor) => visitor.sees(2)));
    for (const visitor of after) visitor.kill();
  });

  test("refresh finds no drift", async () => {
    const refresh = await stack.pulumi(
      "refresh",
      "--preview-only",
      "--expect-no-changes",
      "--diff",
    );
    expect(refresh.code, refresh.output).toBe(0);
  });

  test("a change behind Pulumi's back is shown by refresh and repaired by up", async () => {
    await stack.api("/accounts/:account/workers/scripts/visitor-tracker-local/subdomain", {
      method: "POST",
      body: { enabled: false, previews_enabled: false },
    });
    const drift = await stack.pulumi("refresh", "--preview-only", "--diff");
    expect(drift.output).toMatch(/~ enabled\s*: true => false/);
    const refresh = await stack.pulumi("refresh", "--yes");
    expect(refresh.code, refresh.output).toBe(0);
    await stack.up();
    expect(
      await stack.api("/accounts/:account/workers/scripts/visitor-tracker-local/subdomain"),
    ).toMatchObject({ enabled: true });
    await expectNoChanges();
  });

  test.each([
    ["does not compile", "const broken = ;\n", ['Unexpected ";"', "src/index.ts:"]],
    [
      "throws when it starts",
      'throw new Error("broken on purpose");\n',
      ["10021", "broken on purpose"],
    ],
  ])(
    "code that %s fails the update with the reason, and the old version keeps serving",
    async (_name, broken, reasons) => {
      const good = await stack.checkout.read(WORKER);
      await stack.checkout.write(WORKER, `${good}\n${broken}`);
      const failed = await stack.pulumi("up", "--yes");
      await stack.checkout.write(WORKER, good);
      expect(failed.code).not.toBe(0);
      for (const reason of reasons) expect(failed.output).toContain(reason);
      expect((await edge("/health")).status).toBe(200);
      await stack.up();
      await expectNoChanges();
    },
  );

  test("a renamed script is refused, for it would destroy the objects, unless that is asked for", async () => {
    const good = await stack.checkout.read("Pulumi.local.yaml");
    await stack.checkout.write(
      "Pulumi.local.yaml",
      `${good.trimEnd()}\n  visitor-tracker:scriptName: renamed\n`,
    );
    const refused = await stack.pulumi("preview");
    await stack.checkout.write("Pulumi.local.yaml", good);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("allowDataLoss");
    await expectNoChanges();
  });

  test("all that is wrong with the stack's config is said at once, and nothing changes", async () => {
    const good = await stack.checkout.read("Pulumi.local.yaml");
    const bad = good
      .replace(/accountId: .*/, "accountId: my-account")
      .replace("- http://localhost:*", "- localhost:3000")
      .replace("localhost/*", "example.com/live/*");
    await stack.checkout.write(
      "Pulumi.local.yaml",
      `${bad.trimEnd()}\n  visitor-tracker:alowedOrigins: x\n`,
    );
    const refused = await stack.pulumi("up", "--yes");
    await stack.checkout.write("Pulumi.local.yaml", good);
    expect(refused.code).not.toBe(0);
    for (const value of ["my-account", "localhost:3000", "example.com/live/*", "alowedOrigins"]) {
      expect(refused.output).toContain(value);
    }
    expect(refused.output).not.toMatch(/^\s+at .*\.ts:\d+/m);
    await expectNoChanges();
  });

  test("a custom domain, a route and workers.dev serve the same script at once", async () => {
    const config = await stack.checkout.read("Pulumi.local.yaml");
    const domain = "count.visitors.localhost";
    await stack.checkout.write(
      "Pulumi.local.yaml",
      `${config.trimEnd()}\n  visitor-tracker:customDomain: ${domain}\n`,
    );
    await stack.up();
    const hosts = [domain, "localhost", "visitor-tracker-local.local.workers.localhost"];
    const answers = hosts.map(async (host) => {
      const response = await fetch(`${stack.cloud.edgeUrl}/health`, {
        headers: { "x-emulator-host": host },
      });
      return response.headers.get("visitor-tracker-version");
    });
    const [version, ...others] = await Promise.all(answers);
    expect(version).toMatch(/^[\da-f]{12}$/);
    expect(others).toEqual([version, version]);
    await expectNoChanges();
  });

  test("destroy leaves nothing at the API", async () => {
    const destroy = await stack.pulumi("destroy", "--yes");
    expect(destroy.code, destroy.output).toBe(0);
    const zone = stack.cloud.zoneId("localhost");
    const left = await Promise.all(
      [
        "/accounts/:account/workers/scripts",
        "/accounts/:account/workers/durable_objects/namespaces",
        "/accounts/:account/workers/domains",
        `/zones/${zone}/workers/routes`,
        `/zones/${zone}/dns_records`,
      ].map((path) => stack.api(path)),
    );
    expect(left).toEqual([[], [], [], [], []]);
    expect((await edge("/health")).status).toBeGreaterThanOrEqual(500);
  });
});
