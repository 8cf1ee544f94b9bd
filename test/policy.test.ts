import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHECKOUT } from "../scripts/lib/project.ts";
import { unwrapped, WatchedStack } from "./support/watched-stack.ts";

const PACK = join(CHECKOUT, "policy");

describe("the policy pack with the real engine", () => {
  let watched: WatchedStack;
  beforeAll(async () => {
    watched = await WatchedStack.start();
  });
  afterAll(() => watched.local.stop());

  test("has nothing against a stack that is not production", async () => {
    const run = await watched.local.pulumi("preview", "--policy-pack", PACK);
    expect(run.code, run.output).toBe(0);
    expect(unwrapped(run)).toMatch(/Policies: .*visitor-tracker/);
    expect(run.output).not.toMatch(/\[(?:mandatory|advisory)\]/);
  });

  test("stops an update of production that breaks rules, and names each", async () => {
    const file = join(watched.local.checkout.root, "policies.json");
    const production = { stacks: ["local"] };
    const config = {
      "script-protected": production,
      "no-open-origin": production,
      "workers-dev-off": production,
    };
    await writeFile(file, JSON.stringify(config));
    await watched.configure({ allowedOrigins: '["*"]' });
    const before = watched.local.cloud.journal.length;
    const options = ["--policy-pack", PACK, "--policy-pack-config", file];
    const run = await watched.local.pulumi("up", "--yes", ...options);
    expect(run.code, run.output).not.toBe(0);
    const output = unwrapped(run);
    expect(output).toContain(
      "[mandatory] no-open-origin (cloudflare:index:WorkersScript: visitor-tracker)",
    );
    expect(output).toContain(
      "The script is not protected. Set it: pulumi config set protect true.",
    );
    expect(output).toContain("allowedOrigins has '*', so every site may use the Worker.");
    expect(output).toContain("[advisory] workers-dev-off");
    expect(output).toContain("The Worker answers on workers.dev, too.");
    const writes = watched.local.cloud.journal
      .slice(before)
      .filter(({ method }) => method !== "GET");
    expect(writes).toEqual([]);
  });
});
