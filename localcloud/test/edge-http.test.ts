import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Edge, startEdge } from "../src/edge/edge.ts";
import { createRuntime } from "../src/runtime/runtime.ts";
import type { Runtime } from "../src/runtime/types.ts";
import { ask, bareUpstream, openEdge, tableOf } from "./edge-support.ts";
import { script, scripts } from "./runtime-support.ts";

const CODE = `export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === "/echo") return new Response(request.body);
  if (pathname === "/cookies") {
    const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    return new Response(null, { status: 204, headers });
  }
  if (pathname === "/throw") throw new Error("no");
  if (pathname === "/own-500") return new Response("Internal Server Error", { status: 500 });
  if (pathname === "/gzip") return new Response("plain words", { headers: { "content-encoding": "gzip", server: "own" } });
  if (pathname === "/silent") return new Response(new ReadableStream({ pull() { return new Promise(() => {}); } }));
  if (pathname === "/length") return new Response(String((await request.arrayBuffer()).byteLength), { status: 413 });
  const { method, url, cf } = request;
  return Response.json({ method, url, where: [cf.colo, cf.country, cf.timezone], headers: Object.fromEntries(request.headers) });
} };`;

describe("HTTP through the edge", { timeout: 60_000 }, () => {
  let runtime: Runtime;
  let edge: Edge;
  let dir = "";
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "localcloud-"));
    runtime = createRuntime({ dir });
    await runtime.deploy("site", scripts(script("site", CODE)));
    const table = tableOf({
      "localhost/*": "site",
      "*visitors.localhost/*": "site",
      "gone.test/*": "gone",
    });
    edge = await startEdge({ port: 0, runtime, table });
  }, 60_000);
  afterAll(async () => {
    await edge.close();
    await runtime.close();
    await rm(dir, { recursive: true, force: true });
  });

  test("the Worker sees the URL, the client and the headers as at Cloudflare", async () => {
    const host = `visitors.localhost:${edge.port}`;
    const reply = await ask(edge, host, {
      path: "/a//b?x=%20#",
      headers: {
        "accept-encoding": "deflate",
        "cf-connecting-ip": "6.6.6.6",
        "cf-ipcountry": "XX",
        "cf-worker": "example.com",
        "x-forwarded-for": "10.0.0.1",
        "x-own": "1",
      },
    });
    const { headers, ...seen } = JSON.parse(reply.text);
    expect(seen).toEqual({
      method: "GET",
      url: `http://${host}/a//b?x=%20`,
      where: ["LOC", "US", "America/Chicago"],
    });
    expect(headers).toEqual({
      "accept-encoding": "gzip, br",
      "cf-connecting-ip": "127.0.0.1",
      "cf-ipcountry": "US",
      "cf-ray": expect.stringMatching(/^[0-9a-f]{16}$/),
      "cf-visitor": '{"scheme":"http"}',
      connection: expect.any(String),
      host,
      "x-forwarded-for": "10.0.0.1, 127.0.0.1",
      "x-forwarded-proto": "http",
      "x-own": "1",
      "x-real-ip": "127.0.0.1",
    });
    expect(reply.headers).toMatchObject({
      "cf-ray": `${headers["cf-ray"]}-LOC`,
      server: "cloudflare",
    });
  });

  test("X-Emulator-Host stands for Host where a client cannot set it", async () => {
    const reply = await fetch(`http://127.0.0.1:${edge.port}/`, {
      headers: { "x-emulator-host": "www.visitors.localhost" },
    });
    const { url, headers } = JSON.parse(await reply.text());
    expect([url, headers.host, headers["x-emulator-host"]]).toEqual([
      "http://www.visitors.localhost/",
      "www.visitors.localhost",
      undefined,
    ]);
  });

  test("a proxy's client, which sends the whole URL, is served by that URL", async () => {
    const reply = await ask(edge, "other.test", { path: "http://visitors.localhost/p" });
    expect(JSON.parse(reply.text).url).toBe("http://visitors.localhost/p");
  });

  test.each(["127.0.0.1", "::1"])("%s reaches what is routed to localhost", async (connectTo) => {
    const host = `${connectTo === "::1" ? "[::1]" : connectTo}:${edge.port}`;
    const reply = await ask(edge, host, { connectTo });
    expect(JSON.parse(reply.text).url).toBe(`http://${host}/`);
  });

  test("a request body and the answer to it stream at the same time", async () => {
    const outgoing = request({ host: "127.0.0.1", port: edge.port, path: "/echo", method: "POST" });
    outgoing.write("one");
    const [response] = await once(outgoing, "response");
    response.setEncoding("utf8");
    expect(await once(response, "data")).toEqual(["one"]);
    outgoing.write("two");
    expect(await once(response, "data")).toEqual(["two"]);
    outgoing.end();
    await once(response, "end");
  });

  test("the head of an answer does not wait for its body", async () => {
    const outgoing = request({ host: "127.0.0.1", port: edge.port, path: "/silent", agent: false });
    outgoing.end();
    const [response] = await once(outgoing, "response");
    expect(response.statusCode).toBe(200);
    outgoing.on("error", () => {});
    outgoing.destroy();
  });

  test("headers that come twice arrive twice, and answers without a body end", async () => {
    const reply = await ask(edge, "localhost", { path: "/cookies" });
    expect([reply.status, reply.headers["set-cookie"]]).toEqual([204, ["a=1", "b=2"]]);
    expect((await ask(edge, "localhost", { method: "HEAD" })).status).toBe(200);
  });

  test("a Worker that throws is Cloudflare's 1101", async () => {
    const headers = {
      "content-type": "text/plain; charset=utf-8",
      "cf-ray": expect.stringMatching(/^[0-9a-f]{16}-LOC$/),
    };
    expect(await ask(edge, "localhost", { path: "/throw" })).toMatchObject({
      status: 500,
      headers,
      text: expect.stringMatching(/^error code: 1101\n/),
    });
    expect(await ask(edge, "localhost", { path: "/throw", method: "HEAD" })).toMatchObject({
      status: 500,
      headers,
      text: "",
    });
  });

  test("a Worker's own error of the same words arrives as it is", async () => {
    expect(await ask(edge, "localhost", { path: "/own-500" })).toMatchObject({
      status: 500,
      text: "Internal Server Error",
    });
  });

  test.each([undefined, "deflate", "br, gzip;q=0"])(
    "an answer is decoded for a client that takes %s",
    async (accepted) => {
      const reply = await ask(edge, "localhost", {
        path: "/gzip",
        headers: accepted === undefined ? {} : { "accept-encoding": accepted },
      });
      expect(reply.text).toBe("plain words");
      expect(reply.headers).not.toHaveProperty("content-encoding");
      expect(reply.headers["server"]).toBe("cloudflare");
    },
  );

  test.each(["gzip", "GZIP;q=0.5", "*"])("and not for one that takes %s", async (accepted) => {
    const headers = { "accept-encoding": accepted };
    const reply = await ask(edge, "localhost", { path: "/gzip", headers });
    expect(reply.headers["content-encoding"]).toBe("gzip");
    expect(reply.text).not.toBe("plain words");
  });

  test("a POST without a body, and one of 5 MB, arrive as they were sent", async () => {
    expect(await ask(edge, "localhost", { path: "/length", method: "POST" })).toMatchObject({
      status: 413,
      text: "0",
    });
    const body = "x".repeat(5_000_000);
    expect(await ask(edge, "localhost", { path: "/length", method: "POST", body })).toMatchObject({
      text: "5000000",
    });
  });

  test("curl's offer of HTTP/2 is taken for an ordinary request", async () => {
    const reply = await ask(edge, "localhost", {
      headers: {
        connection: "Upgrade, HTTP2-Settings",
        upgrade: "h2c",
        "http2-settings": "AAMAAABkAAQCAAAAAAIAAAAA",
      },
    });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text).headers).not.toHaveProperty("http2-settings");
  });

  test("a host that leads nowhere gets 530 and a list of what does", async () => {
    expect(await ask(edge, "other.test", { path: "/p" })).toMatchObject({
      status: 530,
      text: `error code: 530
No Worker for http://other.test/p
No route, custom domain or workers.dev address matches.

Routes:
  localhost/* -> site
  *visitors.localhost/* -> site
  gone.test/* -> gone
Custom domains:
  (none)
`,
    });
  });

  test("a route to a script that does not run gets 530 and says so", async () => {
    expect(await ask(edge, "gone.test")).toMatchObject({
      status: 530,
      text: "error code: 530\nScript 'gone', which the route names, does not run. Deploy it, or remove the route.\n",
    });
  });

  test("a host that cannot be one gets 400", async () => {
    expect((await ask(edge, "a/b")).status).toBe(400);
    expect((await ask(edge, "localhost", { method: "OPTIONS", path: "*" })).status).toBe(400);
  });

  test("a taken port is named", async () => {
    await expect(startEdge({ port: edge.port, runtime, table: tableOf({}) })).rejects.toThrow(
      `The edge cannot listen on port ${edge.port} of 127.0.0.1: another program does. ` +
        "Stop that program or choose another port.",
    );
  });
});

describe("an upstream that goes away", () => {
  test("before it answers: 520, and the edge lives on", async () => {
    let connections = 0;
    const runtime = await bareUpstream((socket) => {
      connections++;
      socket.resetAndDestroy();
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "site" }));
    const reply = await ask(edge, "localhost", { method: "POST", body: "x" });
    expect(reply.status).toBe(520);
    expect(reply.text).toMatch(
      /^error code: 520\nScript 'site' went away before it answered \(.*\)\. runtime\.log may say why\.\n$/,
    );
    expect(connections).toBe(1);
  });

  test("a GET is asked again", async () => {
    let connections = 0;
    const runtime = await bareUpstream((socket) => {
      connections++;
      if (connections < 3) socket.resetAndDestroy();
      else socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "site" }));
    expect(await ask(edge, "localhost")).toMatchObject({ status: 200, text: "ok" });
    expect(connections).toBe(3);
  });

  test("in the middle of its answer: the client's breaks off too", async () => {
    const runtime = await bareUpstream((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive."));
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "site" }));
    await expect(ask(edge, "localhost")).rejects.toThrow("aborted");
  });

  test("a client that leaves takes its request to the script with it", async () => {
    const left = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const runtime = await bareUpstream((socket) => {
      socket.once("data", () => asked.resolve());
      socket.once("close", () => left.resolve());
      socket.on("end", () => socket.destroy());
    });
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "site" }));
    const outgoing = request({ host: "127.0.0.1", port: edge.port, agent: false });
    outgoing.on("error", () => {});
    outgoing.end();
    await asked.promise;
    outgoing.destroy();
    await expect(left.promise).resolves.toBeUndefined();
  });
});
