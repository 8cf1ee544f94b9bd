import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeEngine, NoEngineError, resolveEngine, type Engine } from "../engine/resolve.ts";
import {
  recordingReporter,
  serve,
  shell,
  temporaryFolder,
  UNREACHABLE,
  writeFiles,
} from "./support.ts";

const BIN = "versions/3.259.0/bin";
const HOST = "pulumi-language-nodejs";
const pulumi = (version: string): string => shell(`echo ${version}`);

interface Machine {
  home: string;
  path: string;
  resolve: (downloadSite?: string) => Promise<Engine>;
  lines: string[];
}

/** A machine with these executables on PATH and these files in Pulumi's home. */
async function machine(
  onPath: Record<string, string>,
  inHome: Record<string, string> = {},
): Promise<Machine> {
  const folder = temporaryFolder();
  const [home, path] = [join(folder, "home"), join(folder, "path")];
  await writeFiles(path, onPath);
  await writeFiles(home, inHome);
  const reporter = recordingReporter();
  const resolve = (downloadSite = UNREACHABLE): Promise<Engine> =>
    resolveEngine({ reporter, path, pulumiHome: home, downloadSite });
  return { home, path, resolve, lines: reporter.lines };
}

describe("an engine", () => {
  test("on PATH is taken first", async () => {
    const { path, resolve } = await machine(
      { pulumi: pulumi("v3.261.0"), [HOST]: shell() },
      { [`${BIN}/pulumi`]: pulumi("v3.259.0") },
    );
    const engine = await resolve();
    expect(engine).toEqual({ command: join(path, "pulumi"), version: "v3.261.0", origin: "PATH" });
    expect(describeEngine(engine)).toBe(`pulumi v3.261.0 (on PATH, ${path})`);
  });

  test.each([
    ["of an older minor version", { pulumi: pulumi("v3.258.0"), [HOST]: shell() }],
    ["of another major version", { pulumi: pulumi("v4.0.0"), [HOST]: shell() }],
    ["that does not say its version", { pulumi: pulumi("unknown"), [HOST]: shell() }],
    ["that cannot be run", { pulumi: shell("exit 1"), [HOST]: shell() }],
    ["without a Node language host", { pulumi: pulumi("v3.261.0") }],
  ])("on PATH %s is passed over for an installed one", async (_what, onPath) => {
    const { home, resolve } = await machine(onPath, {
      [`${BIN}/pulumi`]: pulumi("v3.259.0"),
      [`${BIN}/${HOST}`]: shell(),
    });
    const command = join(home, BIN, "pulumi");
    expect(await resolve()).toEqual({ command, version: "v3.259.0", origin: "installed" });
  });

  test("that is installed with the official language host keeps it", async () => {
    const official = shell("echo official");
    const { home, resolve } = await machine(
      {},
      { [`${BIN}/pulumi`]: pulumi("v3.259.0"), [`${BIN}/${HOST}`]: official },
    );
    await resolve();
    expect(readFileSync(join(home, BIN, HOST), "utf8")).toBe(official);
  });

  test("that was built gets our language host, and again when it has changed", async () => {
    const { home, resolve } = await machine({}, { [`${BIN}/pulumi`]: pulumi("v3.259.0") });
    const engine = await resolve();
    expect(engine.origin).toBe("built from Go modules");
    const host = join(home, BIN, HOST);
    const written = readFileSync(host, "utf8");
    const [first, second] = written.split("\n");
    expect(first).toBe("#!/usr/bin/env node");
    expect(second).toContain("Visitor Tracker");

    await writeFiles(home, { [`${BIN}/${HOST}`]: `${first}\n${second}\nof another version` });
    expect((await resolve()).origin).toBe("built from Go modules");
    expect(readFileSync(host, "utf8")).toBe(written);
    expect(readdirSync(join(home, BIN)).toSorted()).toEqual(["pulumi", HOST]);
  });
});

describe("the official download", () => {
  /** What install.sh does, without the download: `--install-root` is its third argument. */
  const INSTALL = ['mkdir -p "$3/bin"', 'printf "#!/bin/sh\\necho v3.259.0\\n" > "$3/bin/pulumi"'];

  test("is used when nothing is installed and the site answers", async () => {
    const asked: string[] = [];
    const site = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end([...INSTALL, `printf "#!/bin/sh\\n" > "$3/bin/${HOST}"`].join("\n"));
    });
    const { home, resolve } = await machine({});
    const command = join(home, BIN, "pulumi");
    expect(await resolve(site)).toEqual({ command, version: "v3.259.0", origin: "downloaded" });
    expect(asked).toEqual(["HEAD /install.sh", "GET /install.sh"]);
    expect(readdirSync(join(home, "versions"))).toEqual(["3.259.0"]);
  });

  test("that breaks off leaves nothing behind and is told", async () => {
    const site = await serve((_request, response) => {
      response.end([...INSTALL, "exit 7"].join("\n"));
    });
    const { home, resolve, lines } = await machine({});
    await expect(resolve(site)).rejects.toThrow(
      `no official download: ${site}/install.sh failed with exit code 7`,
    );
    expect(readdirSync(join(home, "versions"))).toEqual([]);
    expect(lines[0]).toBe(`engine: downloading pulumi v3.259.0 from ${site}`);
  });
});

describe("no engine at all", () => {
  test("is one error that says what was tried and what helps", async () => {
    const { home, resolve } = await machine({ pulumi: pulumi("v3.100.0") });
    const error = await resolve().then(null, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoEngineError);
    const [, ...lines] = String(error).split("\n");
    expect(lines.slice(0, 4)).toEqual([
      expect.stringContaining("no pulumi on PATH: "),
      `  - no installed version: ${join(home, BIN, "pulumi")} is not there`,
      "  - no official download: 127.0.0.1:1 cannot be reached (bad port)",
      "  - no build from Go modules: there is no go on PATH",
    ]);
    expect(lines[0]).toContain("is v3.100.0; v3.259.0 or a later v3 is needed");
    expect(lines.slice(5).map((line) => line.trim().slice(0, 2))).toEqual(["1.", "2.", "3.", "4."]);
    expect(existsSync(home)).toBe(false);
  });
});
