import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { ask, closing, connected, echo, openEdge, tableOf } from "./edge-support.ts";
import { counterScript, script, scripts, startRuntime } from "./runtime-support.ts";

/** Answers with the body it gets while it gets it, or with its version. */
function echoing(version: string): ReturnType<typeof scripts> {
  const code = `export default { fetch: (request) => new Response(request.body ?? "${version}") };`;
  return scripts(script("a", code));
}

describe("a redeploy", { timeout: 60_000 }, () => {
  test("under eight clients, three times, fails no request", async () => {
    const runtime = await startRuntime();
    const versions = ["v1", "v2", "v3", "v4"].map((version) => counterScript("a", version));
    const deploy = (index: number): Promise<void> =>
      runtime.deploy("a", scripts(versions[index] ?? counterScript("a", "none")));
    await deploy(0);
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));

    const over = new AbortController();
    const answers: string[] = [];
    const client = async (number: number): Promise<void> => {
      while (!over.signal.aborted) {
        const reply = await ask(edge, "localhost", number % 2 ? { method: "POST", body: "x" } : {});
        answers.push(reply.status === 200 ? reply.text : `${reply.status} ${reply.text}`);
      }
    };
    const clients = Array.from({ length: 8 }, (_, number) => client(number));
    for (const index of [1, 2, 3]) await deploy(index);
    const last = await ask(edge, "localhost");
    over.abort();
    await Promise.all(clients);

    expect(answers.filter((answer) => !/^v[1-4] \d+$/.test(answer))).toEqual([]);
    // Each request was counted once, by whichever version: none was lost and none repeated.
    const counts = [...answers, last.text].map((answer) => Number(answer.split(" ")[1]));
    expect(counts.toSorted((a, b) => a - b)).toEqual(counts.map((_, index) => index + 1));
    expect(last.text).toMatch(/^v4 /);
  });

  test("waits for a request that is under way, and the next one gets the new version", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", echoing("v1"));
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const outgoing = request({ host: "127.0.0.1", port: edge.port, method: "POST", agent: false });
    outgoing.write("half, ");
    const [response] = await once(outgoing, "response");
    const deployed = runtime.deploy("a", echoing("v2"));
    const next = ask(edge, "localhost");
    outgoing.end("whole");
    expect(await text(response)).toBe("half, whole");
    await deployed;
    expect((await next).text).toBe("v2");
  });

  test("closes its own sockets, which can come back at once, and leaves those of others alone", async () => {
    const runtime = await startRuntime();
    const a = counterScript("a", "v1");
    const b = counterScript("b", "v1");
    await runtime.deploy("a", scripts(a));
    await runtime.deploy("b", scripts(a, b));
    const edge = await openEdge(runtime, tableOf({ "a.localhost/*": "a", "b.localhost/*": "b" }));
    const own = await connected(edge, "a.localhost");
    const other = await connected(edge, "b.localhost");

    const closed = closing(own);
    const deployed = runtime.deploy("a", scripts(counterScript("a", "v2"), b));
    expect(await closed).toEqual([1006, ""]);
    // This handshake comes in the middle of the swap.
    const back = await connected(edge, "a.localhost");
    await deployed;
    expect(await echo(back, "again")).toBe("again");
    expect(await echo(other, "still here")).toBe("still here");
  });

  test("that is refused leaves the sockets of the old version open", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const socket = await connected(edge, "localhost");
    const broken = { ...counterScript("a", "v2"), modules: script("a", "--- 1").modules };
    await expect(runtime.probe(broken)).rejects.toThrow("Uncaught SyntaxError");
    const unsupported = {
      ...counterScript("a", "v2"),
      bindings: [{ type: "d1", name: "DB", id: "1" }],
    };
    await expect(runtime.deploy("a", scripts(unsupported))).rejects.toThrow(
      "binding 'DB' has type 'd1'",
    );
    expect(await echo(socket, "still here")).toBe("still here");
  });

  test("removing a script ends its sockets and its address", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    const socket = await connected(edge, "localhost");
    const closed = closing(socket);
    await runtime.remove("a");
    expect(await closed).toEqual([1006, ""]);
    expect((await ask(edge, "localhost")).status).toBe(530);
  });
});
