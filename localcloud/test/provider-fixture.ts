import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProvider } from "../provider/index.ts";
import type { ProviderOptions } from "../provider/index.ts";
import type { Properties } from "../provider/values.ts";
import { Engine, TOKEN } from "./provider-engine.ts";
import { startRecorder } from "./provider-recorder.ts";
import type { Recorder } from "./provider-recorder.ts";

export const SCRIPT = "cloudflare:index/workersScript:WorkersScript";
export const ROUTE = "cloudflare:index/workersRoute:WorkersRoute";
export const DOMAIN = "cloudflare:index/workersCustomDomain:WorkersCustomDomain";
export const SUBDOMAIN = "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain";
export const RECORD = "cloudflare:index/dnsRecord:DnsRecord";

/** The bytes of `worker.js` in every fixture's program folder. */
export const CODE = "export default { fetch: () => new Response('ok') };\n";
export const CODE_SHA256: string = createHash("sha256").update(CODE).digest("hex");

/** A provider, an engine that has configured it, and the API it talks to. */
export interface Fixture {
  readonly api: Recorder;
  readonly engine: Engine;
  readonly port: number;
  readonly programDir: string;
  close(): Promise<void>;
}

/** Waits between tries are a millisecond, so that a test of retries takes none. */
export async function startFixture(options: Partial<ProviderOptions> = {}): Promise<Fixture> {
  const programDir = await mkdtemp(join(tmpdir(), "provider-"));
  await writeFile(join(programDir, "worker.js"), CODE);
  const api = await startRecorder();
  const retryPolicy = { retries: 10, firstWaitMs: 1, longestWaitMs: 1 };
  const provider = await startProvider({ programDir, env: {}, retryPolicy, ...options });
  const engine = new Engine(provider.port);
  await engine.configure({ baseUrl: api.baseUrl, apiToken: TOKEN });
  return {
    api,
    engine,
    port: provider.port,
    programDir,
    async close() {
      engine.close();
      await provider.close();
      await api.close();
      await rm(programDir, { recursive: true });
    },
  };
}

/** Inputs of a script as the program states them. */
export function scriptInputs(changes: Properties = {}): Properties {
  return {
    accountId: "acc",
    scriptName: "counter",
    mainModule: "worker.js",
    contentFile: "worker.js",
    contentSha256: CODE_SHA256,
    compatibilityDate: "2026-09-01",
    compatibilityFlags: ["no_web_socket_compression"],
    bindings: [
      { name: "ALLOWED_ORIGINS", type: "json", json: '["https://a.example"]' },
      { name: "PAGE_COUNTER", type: "durable_object_namespace", className: "PageCounter" },
    ],
    migrations: { newTag: "v1", steps: [{ newSqliteClasses: ["PageCounter"] }] },
    observability: { enabled: true, logs: { enabled: true, invocationLogs: true } },
    ...changes,
  };
}
