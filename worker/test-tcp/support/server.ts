import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Log, LogLevel, Miniflare } from "miniflare";
import { buildWorker } from "../../build.ts";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "../../compatibility.ts";

export const ORIGIN = "https://example.com";

export interface ServerOptions {
  /** As in the `SETTINGS` binding. */
  readonly limits?: { readonly [name: string]: number };
  /** A module to run around the bundle, which it imports as `./worker.js`. */
  readonly wrapper?: string;
  /** As in the `SETTINGS` binding. @default false */
  readonly siteCount?: boolean;
}

/** The bundle, on workerd, behind a port of its own on loopback. */
export interface Server extends AsyncDisposable {
  readonly port: number;
  /** Has an object hibernate, a page's unless it is said. Rejects when it is not in memory. */
  evict(name: string, className?: "PageCounter" | "SiteDirectory"): Promise<void>;
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { limits = {}, siteCount = false, wrapper } = options;
  const dir = await mkdtemp(join(tmpdir(), "visitor-tracker-worker-"));
  const { bytes } = await buildWorker({ outFile: join(dir, "worker.js") });
  const miniflare = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    enableDevRegistry: false,
    resourcePersistencePath: join(dir, "storage"),
    resourceTmpPath: join(dir, "tmp"),
    workers: [
      {
        config: {
          name: "visitor-tracker",
          compatibilityDate: COMPATIBILITY_DATE,
          compatibilityFlags: [...COMPATIBILITY_FLAGS],
          manifest: {
            mainModule: wrapper === undefined ? "worker.js" : "wrapper.js",
            modulesRoot: "/",
            modules: {
              "worker.js": { type: "esm", contents: Buffer.from(bytes).toString() },
              ...(wrapper === undefined
                ? {}
                : { "wrapper.js": { type: "esm", contents: wrapper } }),
            },
          },
          env: {
            PAGE_COUNTER: {
              type: "durable-object",
              worker: "visitor-tracker",
              exportName: "PageCounter",
            },
            SITE_DIRECTORY: {
              type: "durable-object",
              worker: "visitor-tracker",
              exportName: "SiteDirectory",
            },
            ALLOWED_ORIGINS: { type: "json", value: [ORIGIN, "none"] },
            SETTINGS: { type: "json", value: { limits, siteCount } },
          },
          exports: {
            PageCounter: { type: "durable-object", storage: "sqlite" },
            SiteDirectory: { type: "durable-object", storage: "sqlite" },
          },
        },
        dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
      },
    ],
  });
  await miniflare.ready;
  // Past Miniflare's own entry, which negotiates compression whatever the Worker's flags say.
  const { port } = await miniflare.unsafeGetDirectURL("visitor-tracker");
  return {
    port: Number(port),
    evict: (name, className = "PageCounter") =>
      miniflare.unsafeEvictDurableObject("visitor-tracker", className, { name }),
    async [Symbol.asyncDispose]() {
      await miniflare.dispose();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
