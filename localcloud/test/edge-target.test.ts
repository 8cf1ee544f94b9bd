import { describe, expect, test } from "vitest";
import { findTarget, routedHostname } from "../src/edge/target.ts";
import type { EdgeTable } from "../src/runtime/types.ts";

const TABLE: EdgeTable = {
  routes: () => [
    { pattern: "example.com/*", script: "site" },
    { pattern: "example.com/static/*", script: null },
    { pattern: "app.example.com/log/*", script: "logger" },
  ],
  domains: () => [{ hostname: "App.example.com", service: "app" }],
  isWorkersDevEnabled: (script, subdomain) => script === "site" && subdomain === "local",
  versions: () => [],
};

function scriptFor(hostname: string, pathAndQuery = "/"): string | null {
  return findTarget(TABLE, { scheme: "http", hostname, pathAndQuery }).script;
}

describe("findTarget", () => {
  test("a route decides before a custom domain, which takes the rest of its host", () => {
    expect(scriptFor("app.example.com", "/log/1")).toBe("logger");
    expect(scriptFor("app.example.com", "/other")).toBe("app");
  });

  test("a more specific route without a script keeps the Worker away", () => {
    expect(scriptFor("example.com", "/page")).toBe("site");
    expect(
      findTarget(TABLE, { scheme: "http", hostname: "example.com", pathAndQuery: "/static/a.css" }),
    ).toEqual({
      script: null,
      why: "The route 'example.com/static/*' says that no Worker handles this request.",
    });
  });

  test("workers.dev addresses work under both names, when they are enabled", () => {
    expect(scriptFor("site.local.workers.dev")).toBe("site");
    expect(scriptFor("site.local.workers.localhost")).toBe("site");
    expect(scriptFor("site.other.workers.dev")).toBeNull();
    expect(scriptFor("site.workers.dev")).toBeNull();
  });
});

describe("routedHostname", () => {
  test.each([
    ["127.0.0.1", "localhost"],
    ["[::1]", "localhost"],
    ["LOCALHOST", "localhost"],
    ["visitors.localhost.", "visitors.localhost"],
    ["127.0.0.2", "127.0.0.2"],
  ])("%s is routed as %s", (given, expected) => {
    expect(routedHostname(given)).toBe(expected);
  });
});
