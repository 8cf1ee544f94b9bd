import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProvider } from "../localcloud/provider/index.ts";
import { startLocalCloud } from "../localcloud/src/index.ts";
import { resolveEngine } from "../scripts/engine/resolve.ts";
import { capture } from "../scripts/lib/child.ts";
import { withEngine } from "../scripts/lib/environment.ts";
import { PreviewCheckout } from "./support/preview-checkout.ts";

/** A preview is a deployment and a preview by two runs of the engine, each with a cold program. */
const TIMEOUT_MS = 300_000;

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const PROD = `secretsprovider: passphrase
encryptionsalt: v1:unreadable
config:
  visitor-tracker:accountId: "${ACCOUNT}"
  visitor-tracker:allowedOrigins:
    - https://example.com
  visitor-tracker:zone: example.com
  visitor-tracker:route: example.com/live/*
  visitor-tracker:protect: "true"
`;

describe(
  "npm run preview without credentials, as for a pull request from a fork",
  { timeout: TIMEOUT_MS },
  () => {
    let repository: PreviewCheckout;
    let commit: string;
    beforeAll(async () => {
      repository = await PreviewCheckout.make({ "Pulumi.prod.yaml": PROD });
      commit = (await repository.git("rev-parse", "HEAD")).slice(0, 12);
      const entry = "    - https://example.com\n";
      const added = `${entry}    - https://blog.example.com\n`;
      await repository.checkout.edit("Pulumi.prod.yaml", entry, added);
    });
    afterAll(() => repository.remove());

    test("deploys the base to a local cloud and says what this checkout would change", async () => {
      const { code, stdout, stderr } = await repository.preview(["--markdown"]);
      expect(code, stderr).toBe(0);
      expect(stdout).toBe(originAdded(commit));
      expect(await repository.git("worktree", "list")).not.toContain("\n");
      expect(await repository.left()).toEqual([]);
    });

    test("says the same in the same words the next time, in the file that it is told", async () => {
      const { code, stdout, stderr } = await repository.preview([
        "--markdown",
        "--out",
        "comment.md",
      ]);
      expect(code, stderr).toBe(0);
      expect(stdout).toBe("");
      expect(await repository.checkout.read("comment.md")).toBe(originAdded(commit));
    });
  },
);

describe("npm run preview of a class that goes", { timeout: TIMEOUT_MS }, () => {
  let repository: PreviewCheckout;
  const migrate = (entry: string): Promise<void> =>
    repository.checkout.edit("infra/src/ledger.ts", "\n];", `\n  ${entry},\n];`);
  beforeAll(async () => {
    const unprotected = PROD.replace('protect: "true"', 'protect: "false"');
    repository = await PreviewCheckout.make({ "Pulumi.prod.yaml": unprotected });
    await migrate('{ tag: "v3", newSqliteClasses: ["Archive"] }');
    const [now, then] = [
      "export { PageCounter }",
      "export { PageCounter, PageCounter as Archive }",
    ];
    await repository.checkout.edit("worker/src/index.ts", now, then);
    await repository.commit("a class more");
    await migrate('{ tag: "v4", deletedClasses: ["Archive"] }');
    await repository.checkout.edit("worker/src/index.ts", then, now);
  });
  afterAll(() => repository.remove());

  test("objects that nobody agreed to lose are not destroyed, and the preview says how to agree", async () => {
    const { code, stdout } = await repository.preview(["--json"]);
    expect(code).toBe(1);
    expect(stdout).toContain("config set allowDataLoss Archive");
  });

  test("objects that would be destroyed make exit code 2", async () => {
    const config = "config:\n";
    const consent = `${config}  visitor-tracker:allowDataLoss: Archive\n`;
    await repository.checkout.edit("Pulumi.prod.yaml", config, consent);
    const { code, stdout, stderr } = await repository.preview(["--json"]);
    expect(code, stderr).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "destroys",
      changes: [
        {
          severity: "danger",
          text: "All objects of 'Archive' are destroyed with their data, for good",
        },
        { topic: "data", severity: "info" },
        { topic: "code", severity: "info" },
        { topic: "visitors", severity: "info" },
      ],
    });
  });
});

function originAdded(commit: string): string {
  return `${[
    "<!-- visitor-tracker preview of prod -->",
    "### 🟢 Changes, and nothing is lost",
    `Stack \`prod\`. Compared with commit \`${commit}\`, deployed to a local cloud, because there is no CLOUDFLARE_API_TOKEN here. What is really deployed may differ from that commit.`,
    "**Sites**",
    "- Pages of `https://blog.example.com` may connect from then on",
    "**Visitors**",
    "- Everybody who is connected is disconnected for a moment and joins again; on the bill each is one more visit",
    "<details><summary>What differs, input by input</summary>",
    [
      "```diff",
      "! WorkersScript visitor-tracker (update)",
      "+   bindings.ALLOWED_ORIGINS.json[]: https://blog.example.com",
      "#   migrations: those of the last upload are not sent again; nothing is undone",
      "```",
    ].join("\n"),
    "</details>",
  ].join("\n\n")}\n`;
}

describe("npm run preview of a stack whose base has no config yet", { timeout: TIMEOUT_MS }, () => {
  let repository: PreviewCheckout;
  beforeAll(async () => {
    repository = await PreviewCheckout.make({ "Pulumi.prod.yaml": "config: {}\n" });
  });
  afterAll(() => repository.remove());

  test("shows a first deployment, and why it is compared with nothing", async () => {
    await repository.checkout.write("Pulumi.prod.yaml", PROD);
    const { code, stdout, stderr } = await repository.preview([]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^First deployment \(stack prod\)\n/);
    expect(stdout).toMatch(/itself cannot be deployed \(.*\), so this is compared with nothing\./);
    expect(stdout).toContain("The route 'example.com/live/*' is added");
  });

  test("asks the real stack once there are credentials, which are shown nowhere", async () => {
    const { root } = repository.checkout;
    const cloud = await startLocalCloud({ dir: join(root, ".cloud"), port: 0, edgePort: 0 });
    const provider = await startProvider({ programDir: join(root, "infra"), env: {} });
    try {
      const own = `  visitor-tracker:accountId: "${cloud.accountId}"
  visitor-tracker:cloudflareBaseUrl: ${cloud.apiUrl}
  visitor-tracker:allowedOrigins: [https://example.com]
  visitor-tracker:workersDev: "true"
`;
      await repository.checkout.write("Pulumi.prod.yaml", `config:\n${own}`);
      const env = {
        CLOUDFLARE_API_TOKEN: "abcdefghijklmnopqrstuvwxyz0123456789abcd",
        PULUMI_CONFIG_PASSPHRASE: "correct horse battery staple",
        PULUMI_BACKEND_URL: pathToFileURL(root).href,
        PULUMI_DEBUG_PROVIDERS: `cloudflare:${provider.port}`,
      };
      const engine = await resolveEngine();
      const init = await capture(engine.command, ["stack", "init", "prod", "--non-interactive"], {
        cwd: root,
        env: withEngine(engine, { ...process.env, ...env }),
      });
      expect(init.code, init.stderr).toBe(0);
      const { code, stdout, stderr } = await repository.preview(["--markdown"], env);
      expect(code, stderr).toBe(0);
      expect(stdout).toContain("### 🟢 First deployment");
      expect(stdout).toContain("Stack `prod`. Compared with what is deployed as `prod`.");
      expect(stdout).toContain("- The address of `visitor-tracker` on workers.dev is added");
      for (const secret of [env.CLOUDFLARE_API_TOKEN, env.PULUMI_CONFIG_PASSPHRASE]) {
        expect(stdout + stderr).not.toContain(secret);
      }
    } finally {
      await provider.close();
      await cloud.close();
    }
  });
});
