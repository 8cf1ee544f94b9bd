import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { healPendingOperations, parseState } from "../lib/pending-operations.ts";
import { requireFreePorts } from "../lib/ports.ts";
import { startedAt } from "../lib/process-identity.ts";
import { openProject, type Project } from "../lib/project.ts";
import { clearStaleLocks } from "../lib/pulumi-locks.ts";
import { AlreadyRunningError, announce, claim, findRunning, release } from "../lib/running.ts";
import { portOf, recordingReporter, serve, shell, temporaryFolder, writeFiles } from "./support.ts";

/** Above the largest process id that Linux gives. */
const DEAD_PID = 2 ** 22 + 1;
const LOCKS = ".local/pulumi/.pulumi/locks/organization/visitor-tracker/local";

function project(): Project {
  return openProject({ root: temporaryFolder(), stateDir: ".local" });
}

describe("running.json", () => {
  test("lets one process serve a state folder and names it to the second", async () => {
    const here = project();
    const mine = await claim(here);
    await announce(here, { ...mine, edgeUrl: "http://localhost:8788" });
    const second = await claim(here).then(null, (error: unknown) => error);
    expect(second).toBeInstanceOf(AlreadyRunningError);
    expect(String(second)).toContain(
      `process ${process.pid} and serves http://localhost:8788. Stop it (Ctrl-C there, or kill ${process.pid})`,
    );
    await release(here);
    expect(existsSync(here.runningFile)).toBe(false);
  });

  test.each([
    ["of a process that is gone", { pid: DEAD_PID, startedAt: "then", root: "/" }],
    ["of an earlier process with our id", { pid: process.pid, startedAt: "then", root: "/" }],
    ["without a process", {}],
  ])("%s counts for nothing", async (_whose, content) => {
    const here = project();
    await writeFiles(here.stateDir, { "running.json": JSON.stringify(content) });
    expect(await findRunning(here)).toBeNull();
    expect((await claim(here)).pid).toBe(process.pid);
  });

  test("that was cut off counts for nothing", async () => {
    const here = project();
    await writeFiles(here.stateDir, { "running.json": '{"pid": 1' });
    expect((await claim(here)).pid).toBe(process.pid);
  });

  test("of another process is not removed", async () => {
    const here = project();
    const other = { pid: 1, startedAt: startedAt(1), root: "/", apiUrl: null, edgeUrl: null };
    await announce(here, other);
    await release(here);
    expect(await findRunning(here)).toEqual(other);
  });
});

describe("a lock of Pulumi's file backend", () => {
  test.each([
    ["of a process that is gone", lock(DEAD_PID)],
    ["of a process that is no Pulumi", lock(process.pid)],
    ["that was cut off", '{"pid":'],
  ])("%s is removed", async (_whose, content) => {
    const here = project();
    await writeFiles(here.root, { [`${LOCKS}/a.json`]: content, [`${LOCKS}/b.json`]: content });
    await clearStaleLocks(here);
    expect(existsSync(join(here.root, LOCKS, "a.json"))).toBe(false);
    expect(existsSync(join(here.root, LOCKS, "b.json"))).toBe(false);
  });

  test("from another machine stays, and the error says what to do", async () => {
    const here = project();
    await writeFiles(here.root, { [`${LOCKS}/a.json`]: lock(7, "elsewhere") });
    await expect(clearStaleLocks(here)).rejects.toThrow(
      "locked by process 7 on elsewhere " +
        `(${join(here.root, LOCKS, "a.json")}). Let it end; if it is gone, run: ` +
        "npm run pulumi -- cancel -s local --yes",
    );
  });

  test("is no trouble when there is none", async () => {
    await expect(clearStaleLocks(project())).resolves.toBeUndefined();
  });
});

describe("an update that was killed half-way", () => {
  const route = {
    urn: "urn:pulumi:local::visitor-tracker::cloudflare:index/workersRoute:WorkersRoute::the-route",
    type: "cloudflare:index/workersRoute:WorkersRoute",
    inputs: { zoneId: "zone", pattern: "localhost/*" },
  };
  const CHECKPOINT = ".local/pulumi/.pulumi/stacks/visitor-tracker/local.json";

  test("is read from the checkpoint; one that is missing or cut off has nothing pending", () => {
    const text = checkpoint({
      resources: [{ id: "known" }, { urn: "component" }],
      pending_operations: [{ type: "creating", resource: route }],
    });
    const { urn, type: resourceType, inputs } = route;
    expect(parseState(text)).toEqual({
      pending: [{ type: "creating", urn, resourceType, inputs }],
      ids: new Set(["known"]),
    });
    const nothing = { pending: [], ids: new Set() };
    expect([parseState(null), parseState("{"), parseState("{}")]).toEqual([
      nothing,
      nothing,
      nothing,
    ]);
  });

  test("loses what the API would refuse to make twice, and is refreshed", async () => {
    const here = project();
    const requests: string[] = [];
    const api = await serve((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      const routes = [
        { id: "lost", pattern: "localhost/*" },
        { id: "known", pattern: "localhost/*" },
        { id: "other", pattern: "example.org/*" },
      ];
      response.end(JSON.stringify({ success: true, result: routes }));
    });
    await writeFiles(here.root, {
      [CHECKPOINT]: checkpoint({
        resources: [{ id: "known" }],
        pending_operations: [{ type: "creating", resource: route }],
      }),
      pulumi: shell(`echo "$@" > "${here.root}/arguments"`),
    });
    const reporter = recordingReporter();
    const engine = { command: join(here.root, "pulumi"), version: "v3", origin: "PATH" } as const;
    await healPendingOperations({ project: here, engine, provider: { port: null } }, api, {
      reporter,
    });
    expect(requests).toEqual([
      "GET /zones/zone/workers/routes",
      "DELETE /zones/zone/workers/routes/lost",
    ]);
    expect(readFileSync(join(here.root, "arguments"), "utf8")).toBe(
      `refresh --config-file ${here.configFile} --stack local --yes --skip-preview ` +
        "--run-program --clear-pending-creates\n",
    );
    expect(reporter.lines).toEqual([
      "stack: an update ended while creating the-route; putting it right",
    ]);
  });
});

describe("a port", () => {
  test("that is taken is refused with its number, its purpose and the option", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void server.close());
    const port = portOf(server.address());
    await expect(
      requireFreePorts([
        { port: 0, purpose: "the edge", option: "--port" },
        { port, purpose: "the API", option: "--api-port" },
      ]),
    ).rejects.toThrow(
      `Port ${port}, for the API, is taken. Stop what listens there, or choose another port: ` +
        `npm run local -- --api-port ${port + 10}.`,
    );
  });

  test("that a local cloud has is said to be one", async () => {
    const api = await serve((_request, response) => response.end('{"success":true}'));
    const port = Number(new URL(api).port);
    await expect(
      requireFreePorts([{ port, purpose: "the API", option: "--api-port" }]),
    ).rejects.toThrow("is taken by a local cloud, perhaps npm run local of another checkout.");
  });
});

function lock(pid: number, host: string = hostname()): string {
  return JSON.stringify({ pid, hostname: host });
}

function checkpoint(latest: object): string {
  return JSON.stringify({ checkpoint: { latest } });
}
