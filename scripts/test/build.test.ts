import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { acquireBuildLock } from "../engine/build-lock.ts";
import { buildEngine } from "../engine/build.ts";
import { isAlive } from "../lib/process-identity.ts";
import { recordingReporter, shell, temporaryFolder, writeFiles } from "./support.ts";

interface Workshop {
  folder: string;
  binDir: string;
  build: (signal?: AbortSignal) => Promise<string | null>;
  lines: string[];
}

/** A `go` that answers `env`, lists two packages and then does what `onBuild` says; $OUT is -o, $HERE the folder. */
async function workshop(...onBuild: string[]): Promise<Workshop> {
  const folder = temporaryFolder();
  const go = shell(
    `HERE="${folder}"`,
    `[ "$1" = env ] && echo "\${FAKE_GO:-go1.25.0}" && exit`,
    `echo "$1 $CGO_ENABLED $GOFLAGS $GOWORK" >> "$HERE/calls"`,
    `[ "$1" = list ] && echo "go: downloading example.org/a v1.0.0" >&2 && printf "a/b\\nc\\n" && exit`,
    `while [ "$1" != -o ]; do shift; done; OUT="$2"`,
    ...onBuild,
  );
  await writeFiles(folder, { "path/go": go, "module/go.mod": "module example.org/test\n" });
  const binDir = join(folder, "versions/3.259.0/bin");
  const reporter = recordingReporter();
  const build = (signal?: AbortSignal): Promise<string | null> =>
    buildEngine("3.259.0", binDir, {
      reporter,
      path: join(folder, "path"),
      goModuleDir: join(folder, "module"),
      ...(signal === undefined ? {} : { signal }),
    });
  return { folder, binDir, build, lines: reporter.lines };
}

describe("a build from Go modules", () => {
  test("appears complete, built without C, as go.mod says, outside any Go workspace", async () => {
    const { folder, binDir, build } = await workshop('echo binary > "$OUT"');
    expect(await build()).toBeNull();
    expect(readFileSync(join(binDir, "pulumi"), "utf8")).toBe("binary\n");
    expect(readdirSync(binDir)).toEqual(["pulumi"]);
    const calls = readFileSync(join(folder, "calls"), "utf8");
    expect(calls).toBe("list 0 -mod=readonly off\nbuild 0 -mod=readonly off\n");
  });

  test("that fails says go's last words, without the progress, and leaves nothing", async () => {
    const { binDir, build } = await workshop(
      'echo half > "$OUT"',
      "echo a/b >&2",
      'echo "# c" >&2',
      'echo "c.go:1: undefined: x" >&2',
      "exit 2",
    );
    expect(await build()).toBe("go build failed (exit code 2):\n    # c\n    c.go:1: undefined: x");
    expect(readdirSync(binDir)).toEqual([]);
  });

  test("that is interrupted ends go and what go runs, and leaves nothing", async () => {
    const { folder, binDir, build } = await workshop(
      'echo half > "$OUT"',
      `sh -c 'echo $$ > "'"$HERE"'/compiler"; exec sleep 600'`,
    );
    const controller = new AbortController();
    const built = build(controller.signal);
    const compiler = join(folder, "compiler");
    await vi.waitUntil(() => existsSync(compiler) && readFileSync(compiler, "utf8") !== "");
    controller.abort(new Error("stop"));
    await expect(built).rejects.toThrow("stop");
    expect(readdirSync(binDir)).toEqual([]);
    const pid = Number(readFileSync(compiler, "utf8"));
    await vi.waitUntil(() => !isAlive(pid));
  });

  test("is refused for a Go that is too old", async () => {
    const { folder, build } = await workshop("exit 1");
    vi.stubEnv("FAKE_GO", "go1.24.3");
    expect(await build()).toBe(`${join(folder, "path/go")} is go1.24.3; go1.25 or later is needed`);
    vi.unstubAllEnvs();
  });

  test("by two processes at once happens once", async () => {
    const { folder, binDir, build, lines } = await workshop('echo binary > "$OUT"');
    const lock = await acquireBuildLock(join(binDir, ".build.lock"), async () => false);
    const waiting = build();
    const told = `engine: process ${process.pid} is building it; waiting`;
    await vi.waitUntil(() => lines.includes(told));
    await writeFiles(binDir, { pulumi: shell() });
    await lock?.release();
    expect(await waiting).toBeNull();
    expect(readdirSync(binDir)).toEqual(["pulumi"]);
    expect(existsSync(join(folder, "calls"))).toBe(false);
  });

  test("takes over the lock and removes the work of a process that was killed", async () => {
    const { binDir, build } = await workshop('echo binary > "$OUT"');
    const dead = 2 ** 22 + 1;
    await writeFiles(binDir, {
      ".build.lock": `${dead} sometime id`,
      [`.build.${dead}.id.tmp/pulumi`]: "half",
    });
    expect(await build()).toBeNull();
    expect(readdirSync(binDir)).toEqual(["pulumi"]);
  });
});
