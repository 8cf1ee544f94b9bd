import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SCRIPTS, type TrialClient, trialClient } from "../trials/lib/client.ts";
import { workerdsOf } from "../trials/lib/footprint.ts";
import { ask, openEdge, tableOf } from "./edge-support.ts";
import { counterScript, scripts, startRuntime, takePort } from "./runtime-support.ts";
import { startChild } from "./support/child.ts";
import { makeFolder } from "./support/folder.ts";
import { counter, counterBinding } from "./support/workers.ts";

const HOST = "app.local.workers.dev";

interface CrashingCloud {
  client: TrialClient;
  /** Kills every workerd. */
  crash: () => void;
  /** Lines of runtime.log, without their times. */
  log: () => string[];
  stderr: () => string;
}

/** A local cloud in a process of its own, whose workerds are its children, with a counting Worker. */
async function startCounting(): Promise<CrashingCloud> {
  const dir = await makeFolder();
  const child = await startChild(dir);
  const client = trialClient(child);
  await client.upload("app", counter("Room"), {
    bindings: [counterBinding("Room")],
    migrations: { new_tag: "v1", new_sqlite_classes: ["Room"] },
  });
  await client.result("POST", `${SCRIPTS}/app/subdomain`, { enabled: true });
  expect((await client.visit(HOST, "/")).text).toBe("Room 1");
  return {
    client,
    crash: () => {
      for (const pid of workerdsOf(child.process.pid ?? Number.NaN)) process.kill(pid, "SIGKILL");
    },
    log: () => {
      const text = readFileSync(join(dir, "runtime", "runtime.log"), "utf8");
      return text
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/^\S+ /, ""));
    },
    stderr: () => child.stderr(),
  };
}

function crashLine(label: string): string {
  return `[${label}] [mf:warn] The Workers runtime crashed unexpectedly and is being restarted (crash #1). Any additional runtime output above may indicate the cause.`;
}

describe.runIf(process.platform === "linux")("a workerd that dies", () => {
  test("is replaced: the next request is served, nothing is lost, and the log says so once", async () => {
    const { client, crash, log, stderr } = await startCounting();
    crash();
    expect(await client.visit(HOST, "/")).toEqual({ status: 200, text: "Room 2" });
    await expect.poll(() => log().toSorted()).toEqual([crashLine("app"), crashLine("probe")]);
    crash();
    expect(await client.visit(HOST, "/")).toEqual({ status: 200, text: "Room 3" });
    expect(stderr()).toBe("");
  });

  test("is not blamed on the upload that was to be tried in it", async () => {
    const { client, crash } = await startCounting();
    crash();
    const bindings = [counterBinding("Room")];
    expect(await client.upload("app", `${counter("Room")} // again`, { bindings })).toBe(200);
    expect((await client.visit(HOST, "/")).text).toBe("Room 2");
  });

  test("is replaced when another program took its port, too", async () => {
    const runtime = await startRuntime();
    await runtime.deploy("a", scripts(counterScript("a", "v1")));
    const edge = await openEdge(runtime, tableOf({ "localhost/*": "a" }));
    expect((await ask(edge, "localhost")).text).toBe("v1 1");
    const port = (await runtime.address("a"))?.port ?? Number.NaN;
    for (const pid of workerdsOf(process.pid)) process.kill(pid, "SIGKILL");
    await takePort(port);
    expect((await ask(edge, "localhost")).text).toBe("v1 2");
  });
});
