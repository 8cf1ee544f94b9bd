import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { localEnvironment, withEngine } from "../lib/environment.ts";
import { openProject, type Project } from "../lib/project.ts";
import { withSettings, writeLocalConfig } from "../lib/stack-config.ts";
import { temporaryFolder, writeFiles } from "./support.ts";

const SETTINGS = {
  cloudflareBaseUrl: "http://127.0.0.1:1/client/v4",
  edgeUrl: "http://localhost:2",
};
const ADDED = [
  "  visitor-tracker:cloudflareBaseUrl: http://127.0.0.1:1/client/v4",
  "  visitor-tracker:edgeUrl: http://localhost:2",
];

function project(): Project {
  return openProject({ root: temporaryFolder(), stateDir: ".local" });
}

describe("the config of a run", () => {
  test("has the run's addresses in place of those in the tracked file, and all else as it is", () => {
    const tracked = [
      "# a comment",
      "config:",
      "  # another",
      "  visitor-tracker:route: localhost/*",
      '  "visitor-tracker:edgeUrl": http://localhost:8788 # old',
      "  visitor-tracker:allowedOrigins:",
      "    - none",
      "",
    ];
    expect(withSettings(tracked.join("\n"), SETTINGS).split("\n")).toEqual([
      "# a comment",
      "config:",
      ...ADDED,
      ...tracked.slice(2, 4),
      ...tracked.slice(5),
    ]);
  });

  test.each([
    ["", ["config:", ...ADDED, ""]],
    ["config: {}\n", ["config:", ...ADDED, ""]],
    ["encryptionsalt: v1:x\n", ["encryptionsalt: v1:x", "config:", ...ADDED, ""]],
    ["config:\n    a:b: c\n", ["config:", ...ADDED.map((line) => `  ${line}`), "    a:b: c", ""]],
  ])("is made of %j, too", (tracked, lines) => {
    expect(withSettings(tracked, SETTINGS).split("\n")).toEqual(lines);
  });

  test("is a copy: the tracked file stays, and the salt that Pulumi added to the copy does", async () => {
    const { root, configFile, ...rest } = project();
    const tracked = "config:\n  a:b: c\n";
    await writeFiles(root, { "Pulumi.local.yaml": tracked });
    await writeLocalConfig({ root, configFile, ...rest }, SETTINGS);
    const copy = readFileSync(configFile, "utf8");
    await writeFiles(rest.stackDir, { "Pulumi.local.yaml": `${copy}encryptionsalt: v1:salt\n` });
    await writeLocalConfig(
      { root, configFile, ...rest },
      { ...SETTINGS, edgeUrl: "http://localhost:3" },
    );
    expect(readFileSync(configFile, "utf8").split("\n")).toEqual([
      "config:",
      ADDED[0],
      "  visitor-tracker:edgeUrl: http://localhost:3",
      "  a:b: c",
      "encryptionsalt: v1:salt",
      "",
    ]);
    expect(readFileSync(join(root, "Pulumi.local.yaml"), "utf8")).toBe(tracked);
  });

  test("needs the tracked file, and says so", async () => {
    const missing = project();
    await expect(writeLocalConfig(missing, SETTINGS)).rejects.toThrow(
      `${missing.root} has no Pulumi.local.yaml; restore it (git checkout Pulumi.local.yaml).`,
    );
  });
});

describe("the environment", () => {
  const engine = {
    command: "/pulumi/bin/pulumi",
    version: "v3.259.0",
    origin: "installed",
  } as const;
  const here = openProject({ root: "/checkout", stateDir: ".local" });
  const base = {
    PATH: "/usr/bin",
    HOME: "/home/ada",
    CLOUDFLARE_API_TOKEN: "secret",
    CLOUDFLARE_API_KEY: "secret",
    CLOUDFLARE_EMAIL: "ada@example.org",
    PULUMI_ACCESS_TOKEN: "secret",
    PULUMI_BACKEND_URL: "s3://states",
    PULUMI_CONFIG_PASSPHRASE_FILE: "/home/ada/passphrase",
    PULUMI_DEBUG_PROVIDERS: "aws:1",
    PULUMI_DIY_BACKEND_GZIP: "true",
    PULUMI_SELF_MANAGED_STATE_LEGACY_LAYOUT: "true",
  };
  const noProxy = { no_proxy: "localhost,127.0.0.1,::1", NO_PROXY: "localhost,127.0.0.1,::1" };
  const path = [process.execPath.replace(/\/node$/, ""), "/pulumi/bin", "/usr/bin"].join(":");

  test("of the local stack has none of the user's credentials and the provider attached", () => {
    expect(localEnvironment(here, engine, { providerPort: 4_711, base })).toEqual({
      PATH: path,
      HOME: "/home/ada",
      ...noProxy,
      PULUMI_BACKEND_URL: "file:///checkout/.local/pulumi",
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DEBUG_PROVIDERS: "cloudflare:4711",
      NODE_COMPILE_CACHE: "/checkout/.local/node-cache",
    });
  });

  test("of the local stack attaches nothing when the real plugin runs", () => {
    const env = localEnvironment(here, engine, { providerPort: null, base });
    expect(env).not.toHaveProperty("PULUMI_DEBUG_PROVIDERS");
  });

  test("of any other stack is the user's, with Node and the engine first on PATH", () => {
    expect(withEngine(engine, base)).toEqual({ ...base, ...noProxy, PATH: path });
  });

  test.each([
    [{ no_proxy: "a" }, { no_proxy: "a", NO_PROXY: "a" }],
    [{ NO_PROXY: ".corp" }, { no_proxy: ".corp", NO_PROXY: ".corp" }],
    [
      { no_proxy: "a", NO_PROXY: "b,c", no_grpc_proxy: "d" },
      { no_proxy: "a", NO_PROXY: "b,c", no_grpc_proxy: "d" },
    ],
  ])("keeps what is off the proxy with %j, and adds loopback", (given, kept) => {
    const expected = Object.entries(kept).map(([name, value]) => [
      name,
      `${value},localhost,127.0.0.1,::1`,
    ]);
    const mixed = { ...base, ...given };
    for (const env of [
      withEngine(engine, mixed),
      localEnvironment(here, engine, { providerPort: null, base: mixed }),
    ]) {
      const lists = Object.entries(env).filter(([name]) => /^no_/i.test(name));
      expect(Object.fromEntries(lists)).toEqual(Object.fromEntries(expected));
    }
  });

  test("counts an empty no_proxy as none", () => {
    const env = withEngine(engine, { ...base, no_proxy: "" });
    expect(env["no_proxy"]).toBe("localhost,127.0.0.1,::1");
  });
});
