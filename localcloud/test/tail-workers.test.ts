import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { isRecord } from "../src/lib/unknown.ts";
import { workerOf } from "../src/runtime/workers.ts";
import { script as runnableScript } from "./runtime-support.ts";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { hello } from "./support/workers.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";

/** A Tail Worker that keeps what it is told, and gives it to whoever asks as soon as there is some. */
const LISTENER = `import { DurableObject } from "cloudflare:workers";
export class Heard extends DurableObject {
  #events = [];
  #more = Promise.withResolvers();
  add(events) {
    this.#events.push(...events);
    this.#more.resolve();
  }
  async fetch() {
    while (this.#events.length === 0) {
      this.#more = Promise.withResolvers();
      await this.#more.promise;
    }
    return Response.json(this.#events.shift());
  }
}
export default {
  fetch: (request, env) => env.HEARD.getByName("all").fetch(request),
  async tail(items, env, ctx) {
    console.log("heard", items.length);
    const events = items.map((item) => ({
      ...item,
      unredacted: item.event?.request?.getUnredacted().url,
      isDate: item.event?.scheduledTime instanceof Date,
    }));
    ctx.waitUntil(env.HEARD.getByName("all").add(events));
  },
};`;

const HEARD = {
  compatibility_date: "2026-09-01",
  bindings: [{ type: "durable_object_namespace", name: "HEARD", class_name: "Heard" }],
  migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Heard"] }] },
};

/** A Worker with every kind of event that can be had here. */
const PRODUCER = `import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
export class Room extends DurableObject {
  async fetch(request) {
    if (request.headers.get("upgrade") === null) {
      await this.ctx.storage.setAlarm(Date.now());
      return new Response("alarm");
    }
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  alarm() { console.log("alarm rings"); }
  webSocketMessage(socket, message) { console.log("message", message); }
}
export class Api extends WorkerEntrypoint {
  add(a, b) { return a + b; }
}
export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    console.warn("asked", { path: pathname });
    if (pathname === "/throw") throw new RangeError("too far");
    if (pathname === "/room") return env.ROOM.getByName("a").fetch(request);
    return new Response("ok", { status: 201 });
  },
  scheduled(event) { throw new Error("not " + event.cron); },
};`;

const ROOM = {
  compatibility_date: "2026-09-01",
  bindings: [{ type: "durable_object_namespace", name: "ROOM", class_name: "Room" }],
  migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
};

interface Heard {
  scriptName: string;
  scriptVersion: { id: string };
  outcome: string;
  logs: { level: string; message: unknown[] }[];
  exceptions: { name: string; message: string }[];
  event: Record<string, unknown>;
  unredacted?: string;
  isDate: boolean;
}

async function exposed(script: string): Promise<string> {
  await cloud.api("POST", `${SCRIPTS}/${script}/subdomain`, { enabled: true });
  return `${script}.local.workers.dev`;
}

interface Listener {
  name: string;
  /** The next event; waits for it. */
  next: () => Promise<Heard>;
}

async function startListener(code: string = LISTENER): Promise<Listener> {
  const name = uniqueName();
  await cloud.upload(name, code, HEARD);
  const host = await exposed(name);
  return { name, next: async () => JSON.parse((await cloud.visit(host)).text) };
}

async function startProducer(consumer: string): Promise<{ app: string; host: string }> {
  const app = uniqueName();
  const { errors } = await cloud.upload(app, PRODUCER, { ...ROOM, ...consumedBy(consumer) });
  expect(errors).toEqual([]);
  return { app, host: await exposed(app) };
}

const consumedBy = (service: string): object => ({ tail_consumers: [{ service }] });

test("a Tail Worker is told of a request, with its logs and what is hidden only at first", async () => {
  const { name, next } = await startListener();
  const { app, host } = await startProducer(name);
  const secret = "0123456789abcdef0123456789abcdef";
  await cloud.visit(host, `/${secret}`);
  expect(await next()).toMatchObject({
    scriptName: app,
    scriptVersion: { id: expect.stringMatching(/^[\da-f-]{36}$/) },
    outcome: "ok",
    exceptions: [],
    logs: [{ level: "warn", message: ["asked", { path: `/${secret}` }] }],
    event: {
      request: { url: `http://${host}/REDACTED`, method: "GET" },
      response: { status: 201 },
    },
    unredacted: `http://${host}/${secret}`,
  });
});

test("a Tail Worker is told of exceptions, scheduled events, calls, alarms and messages", async () => {
  const { name, next } = await startListener();
  const { app, host } = await startProducer(name);
  await cloud.visit(host, "/throw");
  expect(await next()).toMatchObject({
    outcome: "exception",
    exceptions: [{ name: "RangeError", message: "too far" }],
  });

  await fetch(new URL("/__localcloud/scheduled", cloud.apiUrl), {
    method: "POST",
    body: JSON.stringify({ script: app, cron: "0 * * * *", scheduledTime: 1_000 }),
  });
  expect(await next()).toMatchObject({
    event: { cron: "0 * * * *", scheduledTime: 1_000 },
    exceptions: [{ message: "not 0 * * * *" }],
    isDate: false,
  });

  const user = uniqueName();
  const caller =
    "export default { async fetch(r, env) { return Response.json(await env.API.add(1, 2)); } };";
  await cloud.upload(user, caller, {
    compatibility_date: "2026-09-01",
    bindings: [{ type: "service", name: "API", service: app, entrypoint: "Api" }],
  });
  expect((await cloud.visit(await exposed(user))).text).toBe("3");
  expect(await next()).toMatchObject({ event: { rpcMethod: "add" }, entrypoint: "Api" });

  expect((await cloud.visit(host, "/room")).text).toBe("alarm");
  const events = [await next(), await next(), await next()];
  const alarm = events.find(({ logs }) => logs[0]?.message[0] === "alarm rings");
  expect(alarm).toMatchObject({ scriptName: app, outcome: "ok", isDate: true });

  const port = new URL(cloud.edgeUrl).port;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/room`, { headers: { host } });
  socket.on("open", () => socket.send("hi"));
  let event = await next();
  while (event.logs[0]?.message[0] !== "message") event = await next();
  expect(event.logs[0]?.message).toEqual(["message", "hi"]);
  socket.terminate();
});

test("a Tail Worker that is a class, and one that fails, are called like any other", async () => {
  const { name, next } = await startListener(
    `${LISTENER.replace("export default {", "const handlers = {")}
    import { WorkerEntrypoint } from "cloudflare:workers";
    export default class extends WorkerEntrypoint {
      fetch(request) { return handlers.fetch(request, this.env); }
      async tail(items) {
        await handlers.tail(items, this.env, this.ctx);
        throw new Error("the first one");
      }
    }`,
  );
  const { host } = await startProducer(name);
  await cloud.visit(host, "/1");
  await cloud.visit(host, "/2");
  expect((await next()).logs[0]?.message[1]).toEqual({ path: "/1" });
  expect((await next()).logs[0]?.message[1]).toEqual({ path: "/2" });
});

test("a script that is its own Tail Worker is told of its requests, and not of being told", async () => {
  const { name, next } = await startListener();
  const app = uniqueName();
  const code = `export default {
    fetch() { return new Response("ok"); },
    tail(items, env) { return env.HEARD.getByName("all").add(JSON.parse(JSON.stringify(items))); },
  };`;
  const bindings = [
    { type: "durable_object_namespace", name: "HEARD", class_name: "Heard", script_name: name },
  ];
  const metadata = { compatibility_date: "2026-09-01", bindings, ...consumedBy(app) };
  expect((await cloud.upload(app, code, metadata)).errors).toEqual([]);
  const host = await exposed(app);
  for (const path of ["/1", "/2", "/3"]) {
    await cloud.visit(host, path);
    expect((await next()).event).toMatchObject({ request: { url: `http://${host}${path}` } });
  }
});

test("Tail Workers come and go by the script's settings, and the sockets of others stay open", async () => {
  const { name, next } = await startListener();
  const [app, other] = [uniqueName(), await startProducer(name)];
  await cloud.upload(app, hello("app"));
  const host = await exposed(app);
  const port = new URL(cloud.edgeUrl).port;
  const headers = { host: other.host };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/room`, { headers });
  await once(socket, "open");
  const settings = `${SCRIPTS}/${app}/script-settings`;
  expect((await cloud.api("PATCH", settings, consumedBy(name))).errors).toEqual([]);
  await cloud.visit(host, "/told");
  await cloud.api("PATCH", settings, { tail_consumers: null });
  await cloud.visit(host, "/not-told");
  await cloud.visit(other.host, "/last");
  const urls: unknown[] = [];
  while (urls.at(-1) !== `http://${other.host}/last`) {
    const { event } = await next();
    urls.push(isRecord(event["request"]) ? event["request"]["url"] : null);
  }
  expect(urls.filter((url) => String(url).includes(host))).toEqual([`http://${host}/told`]);
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.terminate();
});

test("a Tail Worker that does not exist is refused wherever it is named", async () => {
  const [app, missing] = [uniqueName(), consumedBy("nobody")];
  const refusal = [
    {
      code: 10203,
      message: "Tail Worker does not exist on this account. Check the Worker name and try again.",
    },
  ];
  expect((await cloud.upload(app, hello("x"), missing)).errors).toEqual(refusal);
  await cloud.upload(app, hello("x"));
  const settings = `${SCRIPTS}/${app}/script-settings`;
  expect((await cloud.api("PATCH", settings, missing)).errors).toEqual(refusal);
  const beta = `/accounts/:account/workers/workers/${app}`;
  const named = { tail_consumers: [{ name: "nobody" }] };
  expect((await cloud.api("PATCH", beta, named)).errors).toEqual(refusal);
  const { result } = await cloud.api<{ tail_consumers: unknown }>("GET", settings);
  expect(result.tail_consumers).toBeNull();
});

test("a Tail Worker that is in use is deleted only by force, and its scripts go on", async () => {
  const { name } = await startListener();
  const { app, host } = await startProducer(name);
  const by = await cloud.api("GET", `/accounts/:account/workers/tails/by-consumer/${name}`);
  expect(by.result).toEqual([
    { tag: expect.any(String), producer: { service: app, environment: "production" } },
  ]);
  expect((await cloud.api("DELETE", `${SCRIPTS}/${name}`)).errors[0]?.code).toBe(10064);
  expect((await cloud.api("DELETE", `${SCRIPTS}/${name}?force=true`)).status).toBe(200);
  expect((await cloud.visit(host, "/alone")).status).toBe(201);
  const secret = { name: "KEY", text: "x", type: "secret_text" };
  expect((await cloud.api("PUT", `${SCRIPTS}/${app}/secrets`, secret)).errors).toEqual([]);
});

test("a Tail Worker that is renamed is told all the same", async () => {
  const { name } = await startListener();
  const { host } = await startProducer(name);
  const renamed = uniqueName();
  const path = `/accounts/:account/workers/workers/${name}`;
  expect((await cloud.api("PATCH", path, { name: renamed })).errors).toEqual([]);
  await cloud.visit(host, "/after");
  const event: Heard = JSON.parse((await cloud.visit(`${renamed}.local.workers.dev`)).text);
  expect(event.logs[0]?.message[1]).toEqual({ path: "/after" });
});

test.each([
  ["one Tail Worker has a desk that is told of it", ["log"], 1],
  ["no Tail Workers has nobody who is told of it", [], undefined],
])("a script with %s", (_, tailConsumers, count) => {
  const runnable = runnableScript("app", hello("x"), { tailConsumers });
  expect(workerOf(runnable, new Map(), false).config.tailConsumers?.length).toBe(count);
});
