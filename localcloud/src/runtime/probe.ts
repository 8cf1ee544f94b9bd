import { isRecord } from "../lib/unknown.ts";
import { type Instance, type InstanceOptions, startInstance } from "./adapter.ts";
import { checkBindingTypes } from "./bindings.ts";
import { runnableDate } from "./compatibility-date.ts";
import { freeModuleName, moduleName, workerModules } from "./modules.ts";
import { type NoAnswer, post } from "./post.ts";
import { type ProbeResult, type RunnableScript, type ScriptExport, ScriptError } from "./types.ts";

/** Runs one upload after the other, each in an isolate of its own. */
export interface Prober {
  probe(script: RunnableScript): Promise<ProbeResult>;
  close(): Promise<void>;
}

const KINDS: readonly ScriptExport["kind"][] = [
  "object",
  "class",
  "durable-object",
  "worker-entrypoint",
  "workflow",
];

/** Takes an upload as JSON, boots it and answers with its exports or with what workerd said. */
const HOST_CODE = `import { env } from "cloudflare:workers";
const bytes = (base64) => Uint8Array.fromBase64(base64).buffer;
const loadable = ({ kind, contents, base64 }) =>
  kind === "esm" ? { js: contents } : { [kind]: base64 ? bytes(base64) : kind === "json" ? JSON.parse(contents) : contents };
export default {
  async fetch(request) {
    const { modules, ...code } = await request.json();
    try {
      const worker = env.LOADER.load({
        ...code,
        modules: Object.fromEntries(modules.map((module) => [module.name, loadable(module)])),
        globalOutbound: null,
      });
      return await worker.getEntrypoint().fetch("http://probe/");
    } catch (error) {
      return Response.json({ error: error.message });
    }
  },
};`;

/** Stands before the upload as its main module and looks at what it exports. */
function reporterCode(mainModule: string): string {
  return `import * as uploaded from ${JSON.stringify(`./${mainModule}`)};
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from "cloudflare:workers";
const HANDLERS = ["fetch", "scheduled", "queue", "email", "tail", "trace", "tailStream", "test"];
const handlersOf = (value) => HANDLERS.filter((name) => typeof value?.[name] === "function");
const kindOf = ({ prototype }) =>
  prototype instanceof DurableObject ? "durable-object"
  : prototype instanceof WorkflowEntrypoint ? "workflow"
  : prototype instanceof WorkerEntrypoint ? "worker-entrypoint"
  : "class";
const exports = Object.entries(uploaded).map(([name, value]) =>
  typeof value === "function" ? { name, kind: kindOf(value), handlers: handlersOf(value.prototype) }
  : typeof value === "object" && value !== null ? { name, kind: "object", handlers: handlersOf(value) }
  : { name, kind: "primitive", handlers: [] });
export default { fetch() { return Response.json({ exports }); } };`;
}

export interface ProberOptions extends InstanceOptions {
  /**
   * When a script is given up, in milliseconds. Cloudflare allows one second of CPU time; this is time
   * on a clock, on a machine that does other things as well.
   * @default 5_000
   */
  startupLimitMs?: number;
}

/**
 * Starts a workerd that uploads are tried in. It is kept, as a start takes twenty times as long as a
 * probe.
 */
export function startProber(options: ProberOptions): Prober {
  const { startupLimitMs = 5_000 } = options;
  let host = startHost(options);
  let last: Promise<unknown> = host;
  let closed = false;

  async function probe(script: RunnableScript): Promise<ProbeResult> {
    checkBindingTypes(script);
    const body = JSON.stringify(uploadOf(script));
    const first = await boot(body);
    // The workerd may have died before: only what ends one that is fresh did that itself.
    const { answer, tookMs } = isLost(first.answer) ? await boot(body) : first;
    if (typeof answer !== "string") {
      throw new ScriptError(
        answer.reason === "late"
          ? "Script startup exceeded CPU time limit."
          : `Script startup ended the runtime: ${answer.message}`,
      );
    }
    return { exports: parseReport(answer), startupTimeMs: Math.max(1, Math.round(tookMs)) };
  }

  async function boot(body: string): Promise<{ answer: string | NoAnswer; tookMs: number }> {
    const running = await host.catch(() => (host = startHost(options)));
    const address = await running.address(HOST_NAME);
    const startedMs = performance.now();
    const answer = address === null ? NOT_RUNNING : await post(address.port, body, startupLimitMs);
    const tookMs = performance.now() - startedMs;
    if (typeof answer !== "string") {
      // Code that does not come to an end keeps its whole workerd busy.
      await running.dispose();
      host = startHost(options);
    }
    return { answer, tookMs };
  }

  return {
    // One after the other: the time limit then hits the upload that deserves it.
    probe(script) {
      const result = last.then(() => {
        if (closed) throw new Error("The runtime is closed.");
        return probe(script);
      });
      last = result.catch(() => {});
      return result;
    },
    async close() {
      closed = true;
      await last.catch(() => {});
      await host.then(
        (running) => running.dispose(),
        () => {},
      );
    },
  };
}

const HOST_NAME = "localcloud:probe";

const NOT_RUNNING: NoAnswer = { reason: "lost", message: "it did not start again" };

function isLost(answer: string | NoAnswer): boolean {
  return typeof answer !== "string" && answer.reason === "lost";
}

function startHost(options: InstanceOptions): Promise<Instance> {
  const script: RunnableScript = {
    name: HOST_NAME,
    mainModule: "probe.js",
    modules: [
      {
        name: "probe.js",
        contentType: "application/javascript+module",
        contents: new TextEncoder().encode(HOST_CODE),
      },
    ],
    bindings: [{ type: "worker_loader", name: "LOADER" }],
    compatibilityDate: "2026-09-01",
    compatibilityFlags: [],
    namespaces: [],
    tailConsumers: [],
    handlesTail: false,
  };
  const started = startInstance([script], options);
  // The next probe reports it.
  started.catch(() => {});
  return started;
}

function uploadOf(script: RunnableScript): Record<string, unknown> {
  const modules = workerModules(script.modules);
  const reporter = freeModuleName(modules, "exports.js");
  return {
    compatibilityDate: runnableDate(script.compatibilityDate),
    compatibilityFlags: script.compatibilityFlags,
    mainModule: reporter,
    modules: [
      { name: reporter, kind: "esm", contents: reporterCode(moduleName(script.mainModule)) },
      ...modules.map(({ name, kind, contents }) =>
        typeof contents === "string"
          ? { name, kind, contents }
          : { name, kind, base64: Buffer.from(contents).toString("base64") },
      ),
    ],
    env: plainBindings(script),
  };
}

/** What code may read at the top level; services and objects can only be used by a handler. */
function plainBindings(script: RunnableScript): Record<string, unknown> {
  const env: Record<string, unknown> = {};
  for (const binding of script.bindings) {
    if (binding.type === "json") env[binding.name] = binding["json"];
    if (binding.type === "plain_text" || binding.type === "secret_text") {
      env[binding.name] = binding["text"];
    }
  }
  return env;
}

/** The answer passed through uploaded code, so it is not trusted. */
function parseReport(text: string): ScriptExport[] {
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    throw new ScriptError(
      `The script changes globals so that it cannot be inspected: ${text.slice(0, 200)}`,
    );
  }
  if (typeof report !== "object" || report === null)
    throw new ScriptError("The script cannot be inspected.");
  if ("error" in report) {
    throw new ScriptError(cloudflaresWords(String(report.error)));
  }
  if (!("exports" in report) || !Array.isArray(report.exports)) return [];
  return report.exports.map(parseExport);
}

/** workerd says how it is started when it refuses a flag that Cloudflare refuses as well. */
function cloudflaresWords(error: string): string {
  return error
    .replace(/^Failed to start Worker:\n/, "")
    .replaceAll(
      /(The compatibility flag \S+ is experimental and) may break .* on the command line\./g,
      "$1 cannot yet be used in Workers deployed to Cloudflare.",
    );
}

function parseExport(found: unknown): ScriptExport {
  const record = isRecord(found) ? found : {};
  const name = String(record["name"]);
  const kind = KINDS.find((known) => known === record["kind"]);
  if (kind === undefined) {
    // workerd's words for it; it does not get to say them as the upload is not the main module here.
    throw new ScriptError(
      `Uncaught TypeError: Incorrect type for map entry '${name}': the provided value is not of ` +
        "type 'function or ExportedHandler'.",
    );
  }
  const handlers = record["handlers"];
  return { name, kind, handlers: Array.isArray(handlers) ? handlers.map(String) : [] };
}
