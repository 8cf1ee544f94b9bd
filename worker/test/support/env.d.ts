declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../../src/index.ts");
    durableNamespaces: "PageCounter" | "SiteDirectory";
  }
  interface Env extends WorkerEnv {}
}
type WorkerEnv = import("../../src/env.ts").Env;
