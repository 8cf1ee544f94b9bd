import { readFile, readdir } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { BindingError } from "../src/runtime/types.ts";
import {
  counterScript,
  get,
  script,
  scripts,
  startRuntime,
  takePort,
  temporaryDir,
} from "./runtime-support.ts";

const REPORTS_ENV = "export default { fetch: (request, env) => Response.json(env) };";

describe("deploy", { timeout: 60_000 }, () => {
  test("a deployed script answers, and one that was not has no address", async () => {
    const runtime = await startRuntime();
    await runtime.deploy(
      "a",
      scripts(script("a", "export default { fetch: () => new Response('hi') }")),
    );
    expect(await get(runtime, "a")).toBe("hi");
    expect(await runtime.address("b")).toBeNull();
  });

  test("an object's count survives a redeploy", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    expect(await get(runtime, "a")).toBe("v1 1");
    await runtime.deploy("a", scripts(counterScript("a", "v2")));
    expect(await get(runtime, "a")).toBe("v2 2");
  });

  test("an object's count survives a restart of everything", async () => {
    const dir = await temporaryDir();
    const first = await startRuntime(dir);
    await first.deploy("a", scripts(counterScript("a", "v1")));
    expect(await get(first, "a")).toBe("v1 1");
    await first.close();
    const second = await startRuntime(dir);
    await second.deploy("a", scripts(counterScript("a", "v1")));
    expect(await get(second, "a")).toBe("v1 2");
  });

  test("a class that gets another name, or another script, keeps its objects", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1", { id: "kept" })));
    expect(await get(runtime, "a")).toBe("v1 1");
    const renamed = counterScript("a", "v2", { id: "kept", className: "Tally" });
    await runtime.deploy("a", scripts(renamed));
    expect(await get(runtime, "a")).toBe("v2 2");
    await runtime.remove("a");
    await runtime.deploy("b", scripts(counterScript("b", "v3", { id: "kept" })));
    expect(await get(runtime, "b")).toBe("v3 3");
  });

  test("variables arrive as uploaded: json parsed, text as text", async () => {
    const runtime = await startRuntime();
    const upload = script("a", REPORTS_ENV, {
      bindings: [
        { type: "json", name: "LIST", json: ["a", { b: 1 }] },
        { type: "json", name: "WORD", json: "[1]" },
        { type: "json", name: "NOTHING", json: null },
        { type: "plain_text", name: "TEXT", text: "[1]" },
        { type: "secret_text", name: "SECRET", text: "s" },
      ],
    });
    await runtime.deploy("a", scripts(upload));
    expect(JSON.parse(await get(runtime, "a"))).toEqual({
      LIST: ["a", { b: 1 }],
      WORD: "[1]",
      NOTHING: null,
      TEXT: "[1]",
      SECRET: "s",
    });
  });

  test("a rate limit counts per key", async () => {
    const runtime = await startRuntime();
    const code = `export default { async fetch(request, env) {
      const results = [];
      for (const key of ["x", "x", "x", "y"]) results.push((await env.LIMIT.limit({ key })).success);
      return Response.json(results);
    } };`;
    const limit = {
      type: "ratelimit",
      name: "LIMIT",
      namespace_id: "1",
      simple: { limit: 2, period: 60 },
    };
    await runtime.deploy("a", scripts(script("a", code, { bindings: [limit] })));
    expect(await get(runtime, "a")).toBe("[true,true,false,true]");
  });

  test("a rate limit with an impossible period is refused, with what is possible", async () => {
    const runtime = await startRuntime();
    const limit = {
      type: "ratelimit",
      name: "LIMIT",
      namespace_id: "1",
      simple: { limit: 2, period: 30 },
    };
    await expect(
      runtime.deploy("a", scripts(script("a", REPORTS_ENV, { bindings: [limit] }))),
    ).rejects.toThrow(
      new BindingError(
        `Script 'a': binding 'LIMIT' (ratelimit) has simple: {"limit":2,"period":30}; ` +
          'use {"limit": <requests>, "period": 10 or 60 (seconds)}.',
      ),
    );
  });

  test("a namespace that is not bound exists: its class is reachable through ctx.exports", async () => {
    const runtime = await startRuntime();
    const code = `import { DurableObject } from "cloudflare:workers";
      export class Room extends DurableObject { title() { return this.ctx.id.name; } }
      export default { async fetch(request, env, ctx) {
        return new Response(await ctx.exports.Room.getByName("lobby").title());
      } };`;
    await runtime.deploy(
      "a",
      scripts(script("a", code, { namespaces: [{ id: "n", className: "Room", useSqlite: true }] })),
    );
    expect(await get(runtime, "a")).toBe("lobby");
  });

  test("a namespace of the older kind has storage, but no SQL", async () => {
    const runtime = await startRuntime();
    const code = `import { DurableObject } from "cloudflare:workers";
      export class Old extends DurableObject {
        async use() {
          await this.ctx.storage.put("key", "kept");
          try { this.ctx.storage.sql.exec("SELECT 1"); } catch { return (await this.ctx.storage.get("key")) + ", no SQL"; }
        }
      }
      export default { async fetch(request, env, ctx) {
        return new Response(await ctx.exports.Old.getByName("x").use());
      } };`;
    const namespaces = [{ id: "n", className: "Old", useSqlite: false }];
    await runtime.deploy("a", scripts(script("a", code, { namespaces })));
    expect(await get(runtime, "a")).toBe("kept, no SQL");
  });

  test("an alarm that was set before a redeploy fires after it", async () => {
    const runtime = await startRuntime();
    const code = `import { DurableObject } from "cloudflare:workers";
      export class Clock extends DurableObject {
        async fetch(request) {
          const { pathname } = new URL(request.url);
          if (pathname === "/set") {
            await this.ctx.storage.setAlarm(Date.now() + 1_000);
            return new Response("set");
          }
          // Open until the alarm has fired, before or after this request.
          if (!(await this.ctx.storage.get("rang"))) await new Promise((resolve) => (this.ring = resolve));
          return new Response("rang");
        }
        async alarm() {
          await this.ctx.storage.put("rang", true);
          this.ring?.();
        }
      }
      export default { fetch: (request, env) => env.CLOCK.getByName("one").fetch(request) };`;
    const clock = script("a", code, {
      bindings: [{ type: "durable_object_namespace", name: "CLOCK", class_name: "Clock" }],
      namespaces: [{ id: "n", className: "Clock", useSqlite: true }],
    });
    await runtime.deploy("a", scripts(clock));
    expect(await get(runtime, "a", "/set")).toBe("set");
    await runtime.deploy("a", scripts(clock));
    expect(await get(runtime, "a", "/wait")).toBe("rang");
  });

  test("what a script prints ends in runtime.log", async () => {
    const dir = await temporaryDir();
    const runtime = await startRuntime(dir);
    const code = "export default { fetch() { console.log('seen', 1); return new Response(''); } }";
    await runtime.deploy("a", scripts(script("a", code)));
    await get(runtime, "a");
    const log = (): Promise<string> => readFile(`${dir}/runtime.log`, "utf8");
    // It comes through a pipe that closing the runtime cuts off.
    await vi.waitFor(log, { timeout: 10_000 });
    await runtime.close();
    expect((await log()).replace(/^\S+ /gm, "")).toBe("[a] log seen 1\n");
  });
});

describe("connected scripts", { timeout: 60_000 }, () => {
  const callsService = "export default { fetch: (request, env) => env.BACK.fetch(request) };";
  const back = { type: "service", name: "BACK", service: "back" };

  test("call each other, whichever was deployed first, and again after each redeploy", async () => {
    const runtime = await startRuntime();
    const front = script("front", callsService, { bindings: [back] });
    const backOne = counterScript("back", "v1");
    await runtime.deploy("back", scripts(backOne));
    expect(await get(runtime, "back")).toBe("v1 1");
    await runtime.deploy("front", scripts(front, backOne));
    expect(await get(runtime, "front")).toBe("v1 2");
    await runtime.deploy("back", scripts(front, counterScript("back", "v2")));
    expect(await get(runtime, "front")).toBe("v2 3");
    expect(await get(runtime, "back")).toBe("v2 4");
  });

  test("give an entrypoint the props of the binding", async () => {
    const runtime = await startRuntime();
    const api = script(
      "api",
      `import { WorkerEntrypoint } from "cloudflare:workers";
      export class Admin extends WorkerEntrypoint { role() { return this.ctx.props.role; } }
      export default { fetch() {} };`,
    );
    const front = script(
      "front",
      "export default { fetch: async (request, env) => new Response(await env.API.role()) };",
      {
        bindings: [
          {
            type: "service",
            name: "API",
            service: "api",
            entrypoint: "Admin",
            props: { role: "editor" },
          },
        ],
      },
    );
    await runtime.deploy("front", scripts(front, api));
    expect(await get(runtime, "front")).toBe("editor");
  });

  test("share a Durable Object across scripts", async () => {
    const runtime = await startRuntime();
    const reader = script(
      "reader",
      `export default { fetch(request, env) {
        return env.COUNTER.get(env.COUNTER.idFromName("one")).fetch(request);
      } };`,
      {
        bindings: [
          {
            type: "durable_object_namespace",
            name: "COUNTER",
            class_name: "Counter",
            script_name: "owner",
          },
        ],
      },
    );
    const owner = counterScript("owner", "v1");
    await runtime.deploy("owner", scripts(owner));
    await runtime.deploy("reader", scripts(reader, owner));
    expect(await get(runtime, "owner")).toBe("v1 1");
    expect(await get(runtime, "reader")).toBe("v1 2");
  });

  test("go separate ways when the binding is gone, each with its storage", async () => {
    const runtime = await startRuntime();
    const a = counterScript("a", "a1");
    const b = counterScript("b", "b1");
    const linked = {
      ...a,
      bindings: [...a.bindings, { type: "service", name: "B", service: "b" }],
    };
    await runtime.deploy("b", scripts(b));
    await runtime.deploy("a", scripts(linked, b));
    expect([await get(runtime, "a"), await get(runtime, "b")]).toEqual(["a1 1", "b1 1"]);
    await runtime.deploy("a", scripts(a, b));
    expect([await get(runtime, "a"), await get(runtime, "b")]).toEqual(["a1 2", "b1 2"]);
  });

  test("change partners without losing anything", async () => {
    const runtime = await startRuntime();
    const a = counterScript("a", "a1");
    const toB = {
      ...a,
      bindings: [...a.bindings, { type: "service", name: "OTHER", service: "b" }],
    };
    const toC = {
      ...a,
      bindings: [...a.bindings, { type: "service", name: "OTHER", service: "c" }],
    };
    const b = counterScript("b", "b1");
    const c = counterScript("c", "c1");
    await runtime.deploy("b", scripts(b));
    await runtime.deploy("c", scripts(b, c));
    await runtime.deploy("a", scripts(toB, b, c));
    for (const [name, answer] of [
      ["a", "a1 1"],
      ["b", "b1 1"],
      ["c", "c1 1"],
    ] as const) {
      expect(await get(runtime, name)).toBe(answer);
    }
    await runtime.deploy("a", scripts(toC, b, c));
    for (const [name, answer] of [
      ["a", "a1 2"],
      ["b", "b1 2"],
      ["c", "c1 2"],
    ] as const) {
      expect(await get(runtime, name)).toBe(answer);
    }
  });

  test("a script whose service was removed keeps running, and learns it when it calls", async () => {
    const runtime = await startRuntime();
    const front = script(
      "front",
      `export default { async fetch(request, env) {
        try { return await env.BACK.fetch(request); } catch (error) { return new Response(error.message); }
      } };`,
      { bindings: [back] },
    );
    await runtime.deploy("back", scripts(counterScript("back", "v1")));
    await runtime.deploy("front", scripts(front, counterScript("back", "v1")));
    await runtime.remove("back");
    expect(await runtime.address("back")).toBeNull();
    expect(await get(runtime, "front")).toBe(
      "The script or entrypoint that this binding names does not exist.",
    );
  });
});

describe("failures", { timeout: 60_000 }, () => {
  test("code that does not boot is refused in workerd's words, and the version before answers", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    expect(await get(runtime, "a")).toBe("v1 1");
    const broken = { ...counterScript("a", "v2"), modules: script("a", "--- 1").modules };
    await expect(runtime.deploy("a", scripts(broken))).rejects.toThrow(
      "a: Uncaught SyntaxError: Invalid left-hand side expression in prefix operation\n  at worker.js:1:2",
    );
    expect(await get(runtime, "a")).toBe("v1 2");
    await runtime.deploy("a", scripts(counterScript("a", "v3")));
    expect(await get(runtime, "a")).toBe("v3 3");
  });

  test("a first version that does not boot leaves no address", async () => {
    const runtime = await startRuntime();
    await expect(
      runtime.deploy("a", scripts(script("a", "throw new Error('no')"))),
    ).rejects.toThrow("a: Uncaught Error: no\n  at worker.js:1:7");
    expect(await runtime.address("a")).toBeNull();
  });

  test("a script that breaks the one it joins leaves both as they were", async () => {
    const runtime = await startRuntime();
    const a = counterScript("a", "a1");
    const b = counterScript("b", "b1");
    await runtime.deploy("a", scripts(a));
    await runtime.deploy("b", scripts(a, b));
    const broken = script("a", "throw new Error('no')", {
      bindings: [{ type: "service", name: "B", service: "b" }],
      namespaces: a.namespaces,
    });
    await expect(runtime.deploy("a", scripts(broken, b))).rejects.toThrow("a: Uncaught Error: no");
    expect([await get(runtime, "a"), await get(runtime, "b")]).toEqual(["a1 1", "b1 1"]);
  });

  test("a binding to a class that nobody implements is refused before anything stops", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    const address = await runtime.address("a");
    const without = { ...counterScript("a", "v2"), namespaces: [] };
    await expect(runtime.deploy("a", scripts(without))).rejects.toThrow(
      new BindingError(
        "Script 'a': binding 'COUNTER' (durable_object_namespace) needs the Durable Object class 'Counter', " +
          "which script 'a' does not implement. Add it to a migration of 'a'.",
      ),
    );
    expect((await runtime.address("a"))?.port).toBe(address?.port);
  });

  test("needs none of the ports that it had: another program may take them in between", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    const port = (await runtime.address("a"))?.port ?? Number.NaN;
    const taken = takePort(port);
    await runtime.deploy("a", scripts(counterScript("a", "v2")));
    expect(await get(runtime, "a")).toBe("v2 1");
    await taken;
  });

  test("who asks for the address as a swap begins is told the one of after it", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    let isSwapping = false;
    const told: (number | undefined)[] = [];
    const ask = async (): Promise<void> => {
      const address = await runtime.address("a");
      if (isSwapping) told.push(address?.port);
    };
    const deployed = runtime.deploy("a", scripts(counterScript("a", "v2")));
    const asked: Promise<void>[] = [];
    // The swap begins within these turns, and takes longer than they do.
    for (let turn = 0; turn < 100; turn++) {
      asked.push(ask());
      await Promise.resolve();
    }
    await setImmediate();
    isSwapping = true;
    await Promise.all([deployed, ...asked]);
    const port = (await runtime.address("a"))?.port;
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((each) => each !== port)).toEqual([]);
  });
});

describe("removal", { timeout: 60_000 }, () => {
  test("deleteNamespace drops that namespace's storage and no other", async () => {
    const dir = await temporaryDir();
    const runtime = await startRuntime(dir);
    const a = counterScript("a", "a1");
    const b = counterScript("b", "b1");
    await runtime.deploy("a", scripts(a));
    await runtime.deploy("b", scripts(a, b));
    expect([await get(runtime, "a"), await get(runtime, "b")]).toEqual(["a1 1", "b1 1"]);
    await runtime.remove("a");
    await runtime.deleteNamespace("a-namespace");
    expect(await readdir(`${dir}/do`)).toEqual(["b-namespace"]);
    await runtime.deploy("a", scripts(a, b));
    expect([await get(runtime, "a"), await get(runtime, "b")]).toEqual(["a1 1", "b1 2"]);
  });

  test("a namespace in use is not deleted, and the message says what to do", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    await expect(runtime.deleteNamespace("a-namespace")).rejects.toThrow(
      "Namespace a-namespace is still implemented by script 'a'; deploy it without or remove it.",
    );
  });

  test("an id that is a path is refused", async () => {
    const runtime = await startRuntime();
    await expect(runtime.deleteNamespace("../other")).rejects.toThrow(
      "'../other' is not the id of a namespace.",
    );
  });
});
