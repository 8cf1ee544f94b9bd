import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";

const cloud = await startSharedCloud();

const SCRIPTS = "/accounts/:account/workers/scripts";

/** A Worker that logs, throws and has an object, at different paths. */
function noisy(text: string): string {
  return `import { DurableObject } from "cloudflare:workers";
  export class Room extends DurableObject {
    fetch(request) {
      console.info("in the object");
      return new Response("object");
    }
  }
  export default {
    fetch(request, env) {
      const { pathname } = new URL(request.url);
      console.log("${text}", { path: pathname });
      if (pathname === "/throw") throw new TypeError("boom");
      if (pathname === "/object") return env.ROOM.getByName("a").fetch(request);
      console.error("bad");
      return new Response("ok", { status: 201 });
    },
    scheduled(event) {
      console.warn("cron", event.cron, event.scheduledTime);
      if (event.cron === "1 1 1 1 *") throw new Error("not today");
    },
  };`;
}

const ROOM = {
  bindings: [{ type: "durable_object_namespace", name: "ROOM", class_name: "Room" }],
  migrations: { new_tag: "v1", steps: [{ new_sqlite_classes: ["Room"] }] },
};

async function deployed(metadata: object = {}): Promise<{ app: string; host: string }> {
  const app = uniqueName();
  await cloud.upload(app, noisy("first"), metadata);
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  return { app, host: `${app}.local.workers.dev` };
}

/** A Worker that no test deploys again. */
const shared = await deployed(ROOM);

interface TailEvent {
  outcome: string;
  scriptName: string;
  scriptVersion: { id: string };
  eventTimestamp: number;
  exceptions: { name: string; message: string; stack: string }[];
  logs: { level: string; message: unknown[] }[];
  event: { request: { url: string; headers: Record<string, string> }; response?: unknown };
}

interface OpenTail {
  id: string;
  socket: WebSocket;
  /** The next event; waits for it. */
  next: () => Promise<TailEvent>;
  closed: Promise<unknown[]>;
}

async function openTail(app: string, filters: object[] = []): Promise<OpenTail> {
  const { result } = await cloud.api<{ id: string; url: string; expires_at: string }>(
    "POST",
    `${SCRIPTS}/${app}/tails`,
    { filters },
  );
  const lifetimeMs = Date.parse(result.expires_at) - Date.now();
  expect(Math.round(lifetimeMs / 3_600_000)).toBe(6);
  const socket = new WebSocket(result.url, "trace-v1");
  onTestFinished(() => socket.terminate());
  const events: TailEvent[] = [];
  let wake = Promise.withResolvers<void>();
  socket.on("message", (data) => {
    if (Buffer.isBuffer(data)) events.push(JSON.parse(data.toString("utf8")));
    wake.resolve();
  });
  const closed = once(socket, "close");
  await once(socket, "open");
  expect(socket.protocol).toBe("trace-v1");
  return {
    id: result.id,
    socket,
    closed,
    next: async () => {
      while (events.length === 0) {
        await wake.promise;
        wake = Promise.withResolvers();
      }
      const [event] = events.splice(0, 1);
      if (event === undefined) throw new Error("There is no event.");
      return event;
    },
  };
}

test("a tail shows each request with its logs, in the form that wrangler prints", async () => {
  const { app, host } = shared;
  const tail = await openTail(app);
  await cloud.visit(host, "/a?token=1");
  const event = await tail.next();
  expect(event).toMatchObject({
    outcome: "ok",
    scriptName: app,
    scriptVersion: { id: expect.stringMatching(/^[\da-f-]{36}$/) },
    exceptions: [],
    logs: [
      { level: "log", message: ["first", { path: "/a" }] },
      { level: "error", message: ["bad"] },
    ],
    event: {
      request: { url: `http://${host}/a?token=1`, method: "GET" },
      response: { status: 201 },
    },
  });
  expect(Math.abs(event.eventTimestamp - Date.now())).toBeLessThan(60_000);
});

test("a tail shows exceptions", async () => {
  const { app, host } = shared;
  const tail = await openTail(app);
  await cloud.visit(host, "/throw");
  const { outcome, exceptions } = await tail.next();
  expect(outcome).toBe("exception");
  expect(exceptions).toMatchObject([{ name: "TypeError", message: "boom" }]);
});

test("a tail shows what Durable Objects do", async () => {
  const { app, host } = shared;
  const tail = await openTail(app);
  expect((await cloud.visit(host, "/object")).text).toBe("object");
  const events = [await tail.next(), await tail.next()];
  expect(events.map(({ logs }) => logs.map(({ message }) => message[0])).toSorted(byText)).toEqual([
    ["first"],
    ["in the object"],
  ]);
});

function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}

test("two tails show the same, each what it asks for, and nothing of another script", async () => {
  const { app, host } = shared;
  const other = await deployed();
  const [all, failed] = [await openTail(app), await openTail(app, [{ outcome: ["exception"] }])];
  await cloud.visit(other.host, "/other");
  await cloud.visit(host, "/one");
  await cloud.visit(host, "/throw");
  expect((await all.next()).logs[0]?.message).toEqual(["first", { path: "/one" }]);
  expect((await all.next()).outcome).toBe("exception");
  expect((await failed.next()).outcome).toBe("exception");
});

test("a tail lives on when its script is deployed again, and shows the new version", async () => {
  const { app, host } = await deployed();
  const tail = await openTail(app);
  await cloud.visit(host);
  const first = await tail.next();
  await cloud.upload(app, noisy("second"));
  await cloud.visit(host);
  const second = await tail.next();
  expect(second.logs[0]?.message[0]).toBe("second");
  expect(second.scriptVersion.id).not.toBe(first.scriptVersion.id);
});

test("scheduled events are shown, too", async () => {
  const { app } = shared;
  const tail = await openTail(app);
  const run = async (cron: string): Promise<unknown> => {
    const response = await fetch(new URL("/__localcloud/scheduled", cloud.apiUrl), {
      method: "POST",
      body: JSON.stringify({ script: app, cron, scheduledTime: 1_000 }),
    });
    return response.json();
  };
  expect(await run("0 * * * *")).toEqual({ outcome: "ok", error: null });
  expect(await tail.next()).toMatchObject({
    outcome: "ok",
    event: { cron: "0 * * * *", scheduledTime: 1_000 },
    logs: [{ level: "warn", message: ["cron", "0 * * * *", 1_000] }],
  });
  expect(await run("1 1 1 1 *")).toEqual({ outcome: "exception", error: null });
  expect((await tail.next()).exceptions).toMatchObject([{ message: "not today" }]);
});

test("the tail of a Tail Worker shows when it was told of others", async () => {
  const listener = uniqueName();
  await cloud.upload(
    listener,
    "export default { fetch() {}, tail(items) { console.log('heard', items[0].scriptName); } };",
  );
  const app = uniqueName();
  await cloud.upload(app, noisy("app"), { tail_consumers: [{ service: listener }] });
  await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
  const tail = await openTail(listener);
  await cloud.visit(`${app}.local.workers.dev`);
  expect(await tail.next()).toMatchObject({
    outcome: "ok",
    scriptName: listener,
    logs: [{ message: ["heard", app] }],
    event: { consumedEvents: [{ scriptName: null }] },
  });
});

test("a tail that is deleted is closed, and can be neither deleted nor joined again", async () => {
  const { app } = shared;
  const tail = await openTail(app);
  const path = `${SCRIPTS}/${app}/tails`;
  const { result } = await cloud.api<{ id: string; url: string }>("GET", path);
  expect(result.id).toBe(tail.id);
  expect((await cloud.api("DELETE", `${path}/${tail.id}`)).status).toBe(200);
  const [code] = await tail.closed;
  expect(code).toBe(1000);
  expect((await cloud.api("DELETE", `${path}/${tail.id}`)).errors[0]?.code).toBe(10057);
  const newest = await cloud.api<{ id: string }>("GET", path);
  expect(newest.result?.id).not.toBe(tail.id);
  const late = new WebSocket(result.url, "trace-v1");
  const [error] = await once(late, "error");
  expect(String(error)).toContain("404");
});

test("a script's tails end with it", async () => {
  const { app } = await deployed();
  const [gone, other] = [await openTail(app), await openTail(shared.app)];
  await cloud.api("DELETE", `${SCRIPTS}/${app}`);
  expect((await gone.closed).map(String)).toEqual(["1000", "The script was deleted."]);
  await cloud.upload(app, noisy("another"));
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/tails`)).errors[0]?.code).toBe(10057);
  await cloud.visit(shared.host);
  expect((await other.next()).scriptName).toBe(shared.app);
});

test("a tail follows its Worker to a new name", async () => {
  const { app } = await deployed();
  const tail = await openTail(app);
  const name = uniqueName();
  await cloud.api("PATCH", `/accounts/:account/workers/workers/${app}`, { name });
  await cloud.visit(`${name}.local.workers.dev`);
  expect((await tail.next()).scriptName).toBe(name);
  const { result } = await cloud.api<{ id: string }>("GET", `${SCRIPTS}/${name}/tails`);
  expect(result.id).toBe(tail.id);
});

test("frames without a mask, which wrangler sends, are taken, and pings are answered", async () => {
  const { app, host } = shared;
  const { socket, next } = await openTail(app);
  const pong = once(socket, "pong");
  socket.send(JSON.stringify({ debug: false }), { mask: false });
  socket.ping("wrangler tail ping", false);
  const [payload] = await pong;
  expect(String(payload)).toBe("wrangler tail ping");
  await cloud.visit(host);
  expect((await next()).outcome).toBe("ok");
  socket.close();
  const [code] = await once(socket, "close");
  expect(code).toBe(1000);
});

test.each([
  ["a web page", { headers: { origin: "https://example.com" } }, "trace-v1"],
  ["another protocol", {}, "chat"],
])("%s gets no events", async (_, options, protocol) => {
  const { app } = shared;
  const { result } = await cloud.api<{ url: string }>("POST", `${SCRIPTS}/${app}/tails`, {});
  const socket = new WebSocket(result.url, protocol, options);
  const [error] = await once(socket, "error");
  expect(error).toBeInstanceOf(Error);
});

test("a script has ten tails at most, and filters that are not known are refused", async () => {
  const { app } = await deployed();
  const post = (body: unknown): ReturnType<typeof cloud.api> =>
    cloud.api("POST", `${SCRIPTS}/${app}/tails`, body);
  expect((await cloud.api("GET", `${SCRIPTS}/${app}/tails`)).errors[0]?.code).toBe(10057);
  for (let count = 0; count < 10; count++) expect((await post({ filters: [] })).status).toBe(200);
  expect((await post({ filters: [] })).errors[0]?.code).toBe(10058);
  expect((await post({ filters: [{ colour: "red" }] })).errors[0]?.code).toBe(10059);
  expect((await cloud.api("POST", `${SCRIPTS}/nobody/tails`, {})).errors[0]?.code).toBe(10007);
});
