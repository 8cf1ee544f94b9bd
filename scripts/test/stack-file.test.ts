import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readStackFile } from "../lib/stack-file.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

async function project(files: Record<string, string>): Promise<string> {
  const folder = temporaryFolder();
  await writeFiles(folder, { "Pulumi.yaml": "name: visitor-tracker\n", ...files });
  return folder;
}

describe("a stack's config file", () => {
  test("has values as the engine hands them over", async () => {
    const root = await project({
      "Pulumi.prod.yaml": [
        "config:",
        "  visitor-tracker:accountId: 12345678901234567890123456789012",
        "  visitor-tracker:workersDev: true",
        '  visitor-tracker:demo: "false"',
        "  visitor-tracker:allowedOrigins:",
        "    - https://example.com",
        "    - none",
        "  visitor-tracker:limits: { tabsPerVisitor: 3 }",
        "  other:key: value",
      ].join("\n"),
    });
    const source = await readStackFile(root, "prod");
    expect(source.values).toEqual({
      accountId: "12345678901234567890123456789012",
      workersDev: "true",
      demo: "false",
      allowedOrigins: '["https://example.com","none"]',
      limits: '{"tabsPerVisitor":3}',
    });
    expect([...source.secretKeys]).toEqual([]);
    expect(source).not.toHaveProperty("apiToken");
  });

  test("tells which values are encrypted, and leaves them out", async () => {
    const root = await project({
      "Pulumi.yaml": "name: visitor-tracker\nconfig:\n  accountId: shared\n",
      "Pulumi.prod.yaml": [
        "config:",
        "  visitor-tracker:accountId: { secure: v1:abc }",
        "  cloudflare:apiToken: { secure: v1:def }",
      ].join("\n"),
    });
    const source = await readStackFile(root, "prod");
    expect(source.values).toEqual({});
    expect([...source.secretKeys]).toEqual(["accountId"]);
    expect(source.apiToken).toBeNull();
  });

  test("takes the project's defaults where it says nothing", async () => {
    const root = await project({
      "Pulumi.yaml": [
        "name: visitor-tracker",
        "config:",
        "  demo: true",
        "  siteCount: { type: boolean, default: true }",
        "  visitor-tracker:workersDev: { value: true }",
      ].join("\n"),
      "Pulumi.prod.yaml": "config:\n  visitor-tracker:demo: false\n  cloudflare:apiToken: t0ken\n",
    });
    const source = await readStackFile(root, "prod");
    expect(source.values).toEqual({ demo: "false", siteCount: "true", workersDev: "true" });
    expect(source.apiToken).toBe("t0ken");
  });

  test("that is missing is said, with those that are there", async () => {
    const root = await project({ "Pulumi.staging.yaml": "", "Pulumi.local.yaml": "" });
    await expect(readStackFile(root, "prod")).rejects.toThrow(
      `There is no Pulumi.prod.yaml in ${root}. Stacks with a file: local, staging.`,
    );
  });

  test("that is not YAML is named", async () => {
    const root = await project({ "Pulumi.prod.yaml": "config: [" });
    await expect(readStackFile(root, "prod")).rejects.toThrow("Pulumi.prod.yaml is not YAML: ");
  });

  test("of this checkout can be read", async () => {
    const source = await readStackFile(join(import.meta.dirname, "../.."), "local");
    expect(source.values["cloudflareBaseUrl"]).toBe("http://127.0.0.1:8789/client/v4");
  });
});
