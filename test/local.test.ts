import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CHECKOUT } from "../scripts/lib/project.ts";

/** `npm run local`, as a person starts it in a terminal. */
class Local {
  output = "";
  stdout = "";
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(stateDir: string, ...args: string[]) {
    const free = ["--port", "--api-port"].filter((name) => !args.includes(name));
    const all = ["scripts/local.ts", ...free.flatMap((name) => [name, "0"]), ...args];
    this.#process = spawn("node", all, {
      cwd: CHECKOUT,
      env: { ...process.env, VISITOR_TRACKER_STATE_DIR: stateDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString("utf8");
      this.output += chunk.toString("utf8");
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => (this.output += chunk.toString("utf8")));
    this.ended = new Promise((resolve) => this.#process.once("close", resolve));
  }

  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) return found;
      const isOver = await Promise.race([this.ended.then(() => true), wait(20, false)]);
      if (isOver) throw new Error(`ended without printing ${pattern}:\n${this.output}`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

const UPLOADING = /WorkersScript visitor-tracker creating/;

let stateDir: string;
const started: Local[] = [];
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "visitor-tracker-local-"));
});
afterEach(async () => {
  for (const local of started.splice(0)) {
    local.signal("SIGINT");
    await local.ended;
  }
  await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
});

function run(...args: string[]): Local {
  const local = new Local(stateDir, ...args);
  started.push(local);
  return local;
}

describe("npm run local", () => {
  test("--once shows Pulumi's preview and update, the addresses and the verdict, and ends with 0", async () => {
    const local = run("--once");
    expect(await local.ended, local.output).toBe(0);
    for (const part of [
      /^engine: pulumi v3\.\d+\.\d+ .* · provider: /m,
      /^Previewing update \(local\)/m,
      /^Updating \(local\)/m,
      /demo page +http:\/\/localhost:\d+\//,
      /wscat -c "ws:\/\/localhost:\d+\/ws\?page=/,
      /smoke test of http:\/\/localhost:\d+: 6 passed, 0 failed/,
    ]) {
      expect(local.output).toMatch(part);
    }
    expect(await readdir(stateDir)).not.toContain("running.json");
  });

  test("serves until Ctrl-C and goes on where it stopped; a second one is refused meanwhile", async () => {
    const first = run();
    const [, port = ""] = await first.prints(/demo page +http:\/\/localhost:(\d+)/);
    const [, apiPort = ""] = await first.prints(/API +http:\/\/127\.0\.0\.1:(\d+)/);
    await first.prints(/Ctrl-C stops it/);
    const second = run("--once");
    expect(await second.ended).toBe(1);
    expect(second.output).toMatch(/already runs for .*Stop it/);
    first.signal("SIGINT");
    expect(await first.ended).toBe(0);
    const third = run("--once", "--port", port, "--api-port", apiPort);
    expect(await third.ended, third.output).toBe(0);
    expect(third.output).toMatch(/Resources:\s+6 unchanged/);
  });

  test("--json prints one line of outputs on standard output", async () => {
    const local = run("--json");
    const [line] = await local.prints(/^\{.*\}$/m);
    const outputs: unknown = JSON.parse(line);
    expect(outputs).toMatchObject({
      url: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/client\/v4$/),
      scriptName: "visitor-tracker-local",
    });
    expect(local.stdout.trim()).toBe(line);
  });

  test.each([
    ["while it starts", /engine:/],
    ["while it previews", /Previewing update/],
    ["while it uploads the script", UPLOADING],
  ])("interrupted %s it leaves nothing that stops the next run", async (_when, moment) => {
    const local = run();
    await slowDownUploads(local);
    await local.prints(moment);
    local.signal("SIGINT");
    expect(await local.ended, local.output).toBe(130);
    const next = run("--once");
    expect(await next.ended, next.output).toBe(0);
    expect(next.output).toContain("6 passed, 0 failed");
  });

  test("killed while it uploads the script it leaves nothing that stops the next run", async () => {
    const local = run();
    await slowDownUploads(local);
    await local.prints(UPLOADING);
    local.signal("SIGKILL");
    await local.ended;
    const next = run("--once");
    expect(await next.ended, next.output).toBe(0);
  });
});

/** Holds each upload for two seconds, so that a test can be sure to be in the middle of one. */
async function slowDownUploads(local: Local): Promise<void> {
  const [, api] = await local.prints(/API (http:\/\/[^/]+)/);
  const rule = { method: "PUT", path: "/workers/scripts/", delayMs: 2_000, times: 10 };
  const response = await fetch(`${api}/__localcloud/faults`, {
    method: "POST",
    body: JSON.stringify(rule),
  });
  if (!response.ok) throw new Error(`the fault was refused: ${await response.text()}`);
}

describe("bad input to npm run local", () => {
  let taken: Server;
  afterEach(() => taken?.close());

  test.each([["--port"], ["--api-port"]])(
    "a taken port for %s is named, with the way out",
    async (option) => {
      taken = createServer();
      const port = await new Promise<number>((resolve) => {
        taken.listen(0, "127.0.0.1", () => resolve(Number(Object(taken.address()).port)));
      });
      const local = run("--once", option, String(port));
      expect(await local.ended).toBe(1);
      expect(local.output).toMatch(new RegExp(`Port ${port}.* is taken.*${option}`));
    },
  );

  test.each([
    [["--prot", "1"], /--prot/],
    [["--port", "http"], /--port: 'http' is not a port/],
    [["--once", "--watch"], /contradict/],
    [["now"], /now/],
  ])("%j is refused with a hint", async (args, message) => {
    const local = run(...args);
    expect(await local.ended).toBe(2);
    expect(local.output).toMatch(message);
  });
});
