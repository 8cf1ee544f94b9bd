import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProber } from "../src/runtime/probe.ts";
import { createRuntime } from "../src/runtime/runtime.ts";
import { BindingError, type Runtime, ScriptError } from "../src/runtime/types.ts";
import { module, script } from "./runtime-support.ts";

const GLOBAL_SCOPE =
  "Uncaught Error: Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), " +
  "setting a timeout, and generating random values are not allowed within global scope. To fix this error, " +
  "perform this operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/" +
  "\n  at worker.js:1:8";

describe("probe", { timeout: 60_000 }, () => {
  let dir = "";
  let runtime: Runtime;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "localcloud-"));
    runtime = createRuntime({ dir });
  });
  afterAll(async () => {
    await runtime.close();
    await rm(dir, { recursive: true, force: true });
  });

  test("names each export with its kind and handlers", async () => {
    const code = `import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from "cloudflare:workers";
      export class Room extends DurableObject { fetch() {} }
      export class Api extends WorkerEntrypoint { fetch() {} rpc() {} }
      export class Flow extends WorkflowEntrypoint { run() {} }
      export class Plain { fetch() {} }
      export const other = { queue() {} };
      export default { fetch() {}, scheduled() {}, unknown() {} };`;
    const { exports } = await runtime.probe(script("a", code));
    expect(exports.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "Api", kind: "worker-entrypoint", handlers: ["fetch"] },
      { name: "Flow", kind: "workflow", handlers: [] },
      { name: "Plain", kind: "class", handlers: ["fetch"] },
      { name: "Room", kind: "durable-object", handlers: ["fetch"] },
      { name: "default", kind: "object", handlers: ["fetch", "scheduled"] },
      { name: "other", kind: "object", handlers: ["queue"] },
    ]);
  });

  test.each([
    [
      "a syntax error",
      "--- 1",
      "Uncaught SyntaxError: Invalid left-hand side expression in prefix operation\n  at worker.js:1:2",
    ],
    [
      "a throw at the top level",
      "function f() { throw new TypeError('no') }\nf();",
      "Uncaught TypeError: no\n  at worker.js:1:22 in f\n  at worker.js:2:1",
    ],
    [
      "a module that is not there",
      "import './lib.js'; export default {}",
      'Uncaught Error: No such module "lib.js".\n  imported from "worker.js"',
    ],
    [
      "an export that is not there",
      "import { y } from './empty.js'; export default {}",
      "Uncaught SyntaxError: The requested module './empty.js' does not provide an export named 'y'\n  at worker.js:1:9",
    ],
    ["I/O at the top level", "crypto.randomUUID(); export default {}", GLOBAL_SCOPE],
    [
      "an await that never ends",
      "await new Promise(() => {}); export default {}",
      "Uncaught Error: Top-level await in module is unsettled.",
    ],
    [
      "an export that is neither a handler nor a class",
      "export default {}; export const limit = 1;",
      "Uncaught TypeError: Incorrect type for map entry 'limit': the provided value is not of type 'function or ExportedHandler'.",
    ],
  ])("%s is refused in workerd's words", async (_what, code, message) => {
    const upload = script("a", code);
    upload.modules.push(module("empty.js", "export const x = 1;"));
    await expect(runtime.probe(upload)).rejects.toThrow(new ScriptError(message));
  });

  test("an unknown compatibility flag is refused", async () => {
    const upload = script("a", "export default {}", { compatibilityFlags: ["no_such_flag"] });
    await expect(runtime.probe(upload)).rejects.toThrow(
      new ScriptError("No such compatibility flag: no_such_flag"),
    );
  });

  test("modules of all kinds, in folders and with a leading dot, can be imported", async () => {
    const wasm = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    const code = `import text from "../text.txt";
      import data from "./data.bin";
      import json from "../config.json";
      import wasm from "../empty.wasm";
      import cjs from "../old.cjs";
      const found = [text, new Uint8Array(data)[1], json.a, wasm instanceof WebAssembly.Module, cjs.answer];
      if (JSON.stringify(found) !== '["hi",255,1,true,42]') throw new Error(JSON.stringify(found));
      export default { fetch() {} };`;
    const upload = script("a", "", {
      mainModule: "src/main.js",
      modules: [
        module("src/main.js", code),
        module("./text.txt", "hi", "text/plain; charset=utf-8"),
        {
          name: "src/data.bin",
          contentType: "application/octet-stream",
          contents: Uint8Array.of(0, 255),
        },
        module("config.json", '{"a":1}', "application/json"),
        { name: "empty.wasm", contentType: "application/wasm", contents: wasm },
        module("old.cjs", "module.exports = { answer: 42 };", "application/javascript"),
        module("main.js.map", "{}", "application/source-map"),
      ],
    });
    const { exports } = await runtime.probe(upload);
    expect(exports).toEqual([{ name: "default", kind: "object", handlers: ["fetch"] }]);
  });

  test("code reads its variables at the top level", async () => {
    const upload = script(
      "a",
      'import { env } from "cloudflare:workers"; if (env.LIST[1] !== "b" || env.KEY !== "k") throw new Error("no"); export default {}',
      {
        bindings: [
          { type: "json", name: "LIST", json: ["a", "b"] },
          { type: "secret_text", name: "KEY", text: "k" },
        ],
      },
    );
    expect((await runtime.probe(upload)).exports).toEqual([
      { name: "default", kind: "object", handlers: [] },
    ]);
  });

  test("a binding type that is not supported is named", async () => {
    const upload = script("a", "export default {}", {
      bindings: [{ type: "kv_namespace", name: "CACHE", namespace_id: "1" }],
    });
    await expect(runtime.probe(upload)).rejects.toThrow(
      new BindingError(
        "Script 'a': binding 'CACHE' has type 'kv_namespace', which the local cloud does not provide. " +
          "It provides durable_object_namespace, json, plain_text, ratelimit, secret_text, service, " +
          "version_metadata, worker_loader.",
      ),
    );
  });

  test("a script that does not come to an end is given up, and the next one is probed", async () => {
    const prober = startProber({
      objectsDir: `${dir}/do`,
      scratchDir: `${dir}/instances`,
      log: () => {},
      startupLimitMs: 300,
    });
    // The first probe waits for the start and is not held to the limit for it.
    const endless = prober.probe(script("a", "for (;;) {}"));
    const fine = prober.probe(script("b", "export default { fetch() {} }"));
    await expect(endless).rejects.toThrow(
      new ScriptError("Script startup exceeded CPU time limit."),
    );
    expect((await fine).exports).toEqual([
      { name: "default", kind: "object", handlers: ["fetch"] },
    ]);
    await prober.close();
  });
});
