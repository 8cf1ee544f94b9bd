import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { createRuntimeLog } from "../src/runtime/log.ts";
import { counterCode, temporaryDir } from "./runtime-support.ts";

const RUNTIME = new URL("../src/runtime/runtime.ts", import.meta.url).href;

/** Runs a script in a process of its own and prints its port. */
const PROGRAM = `import { createRuntime } from ${JSON.stringify(RUNTIME)};
const [dir, code, ending] = process.argv.slice(2);
const runtime = createRuntime({ dir });
const contents = new TextEncoder().encode(code);
await runtime.deploy("a", new Map([["a", {
  name: "a", mainModule: "worker.js", compatibilityDate: "2026-09-01", compatibilityFlags: [],
  modules: [{ name: "worker.js", contentType: "application/javascript+module", contents }],
  bindings: [{ type: "durable_object_namespace", name: "COUNTER", class_name: "Counter" }],
  namespaces: [{ id: "n", className: "Counter", useSqlite: true }],
  tailConsumers: [], handlesTail: false,
}]]));
console.log((await runtime.address("a")).port, process.listenerCount("SIGINT"));
if (ending === "close") { await new Promise((resolve) => process.stdin.once("data", resolve)); process.stdin.destroy(); await runtime.close(); }`;

async function startProgram(ending = ""): Promise<{ program: ChildProcess; line: string }> {
  const dir = await temporaryDir();
  await writeFile(`${dir}/program.mjs`, PROGRAM);
  const program = spawn(process.execPath, [`${dir}/program.mjs`, dir, counterCode("v1"), ending], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    program.kill("SIGKILL");
  });
  const lines = createInterface(program.stdout);
  const [line] = await Promise.race([once(lines, "line"), once(lines, "close")]);
  return { program, line: String(line) };
}

/** Resolves when nothing listens on the port any more: workerd is gone. */
async function workerdGone(port: number): Promise<true> {
  while (await connectedUntilItEnds(port)) {
    // The connection was the way to wait.
  }
  return true;
}

/** False when the connection was refused. */
function connectedUntilItEnds(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  let isConnected = false;
  socket.on("connect", () => (isConnected = true));
  socket.on("error", () => {});
  socket.on("close", () => resolve(isConnected));
  socket.resume();
  return promise;
}

describe("workerd", { timeout: 60_000 }, () => {
  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
    "does not outlive a process that gets %s",
    async (signal) => {
      const { program, line } = await startProgram();
      const exited = once(program, "exit");
      program.kill(signal);
      expect(await exited).toEqual([null, signal]);
      expect(await workerdGone(Number(line.split(" ")[0]))).toBe(true);
    },
  );

  test("takes no signal away from the program that uses it", async () => {
    const { line } = await startProgram();
    expect(line.split(" ")[1]).toBe("0");
  });

  test("lets the process end by itself after close", async () => {
    const { program, line } = await startProgram("close");
    const exited = once(program, "exit");
    program.stdin?.write("go");
    expect(await exited).toEqual([0, null]);
    expect(await workerdGone(Number(line.split(" ")[0]))).toBe(true);
  });
});

describe("createRuntimeLog", () => {
  test("keeps at most twice its size, the newest lines last", async () => {
    const path = `${await temporaryDir()}/runtime.log`;
    const log = createRuntimeLog(path, { maxBytes: 1_000 });
    for (let number = 0; number < 100; number++) {
      log.write(`line ${number}`);
      await log.flush();
    }
    const [older, newer] = [await readFile(`${path}.1`, "utf8"), await readFile(path, "utf8")];
    expect(older.length).toBeLessThanOrEqual(1_000);
    expect(newer.length).toBeLessThanOrEqual(1_000);
    expect(newer.trimEnd().split("\n").at(-1)?.replace(/^\S+ /, "")).toBe("line 99");
  });

  test("drops and counts what comes faster than the disk takes it", async () => {
    const path = `${await temporaryDir()}/runtime.log`;
    const log = createRuntimeLog(path, { maxBytes: 1_000 });
    for (let number = 0; number < 100; number++) log.write("x".repeat(100));
    log.write("last");
    await log.flush();
    expect(await readFile(path, "utf8")).toMatch(/\(\d+ lines dropped\)\n$/);
  });

  test("a folder that is gone does not stop the program", async () => {
    const log = createRuntimeLog(`${await temporaryDir()}/gone/runtime.log`);
    log.write("lost");
    await expect(log.flush()).resolves.toBeUndefined();
  });
});
