import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startSharedCloud, uniqueName } from "./support/cloud.ts";
import { hello } from "./support/workers.ts";
import { makeProject } from "./support/wrangler.ts";

const cloud = await startSharedCloud();

const WORKERS = "/accounts/:account/workers";
const SCRIPTS = `${WORKERS}/scripts`;

/** Each call of wrangler takes seconds, and many of them on a busy machine. */
const SESSION_MS = 300_000;

/** A Worker that says its bindings, logs and has a scheduled handler. */
const CODE = `export default {
  fetch(request, env) {
    console.log("asked for", { path: new URL(request.url).pathname });
    if (request.url.endsWith("/throw")) throw new RangeError("too far");
    return Response.json(env);
  },
  scheduled() {},
};`;

interface Triggers {
  routes: string[];
  domains: string[];
  crons: string[];
  workersDev: boolean;
}

/** What leads to a script, as the documented endpoints say it. */
async function triggersOf(app: string): Promise<Triggers> {
  const routes = await cloud.api<{ pattern: string; script: string }[]>(
    "GET",
    `/zones/${cloud.zoneId("localhost")}/workers/routes`,
  );
  const domains = await cloud.api<{ hostname: string }[]>(
    "GET",
    `${WORKERS}/domains?service=${app}`,
  );
  const { result } = await cloud.api<{ schedules: { cron: string }[] }>(
    "GET",
    `${SCRIPTS}/${app}/schedules`,
  );
  const subdomain = await cloud.api<{ enabled: boolean }>("GET", `${SCRIPTS}/${app}/subdomain`);
  return {
    routes: routes.result.filter(({ script }) => script === app).map(({ pattern }) => pattern),
    domains: domains.result.map(({ hostname }) => hostname),
    crons: result.schedules.map(({ cron }) => cron),
    workersDev: subdomain.result.enabled,
  };
}

test(
  "wrangler deploys with every kind of trigger, keeps secrets, changes triggers and deletes",
  async () => {
    const app = uniqueName();
    const [route, domain] = [`${app}-route.localhost`, `${app}-domain.localhost`];
    const project = await makeProject(cloud, app);
    project.code(CODE);
    project.configure({
      workers_dev: true,
      routes: [`${route}/*`, { pattern: domain, custom_domain: true }],
      triggers: { crons: ["*/5 * * * *"] },
    });
    const deployed = await project.wrangler("deploy");
    expect(deployed).toMatchObject({ code: 0 });
    expect(await triggersOf(app)).toEqual({
      routes: [`${route}/*`],
      domains: [domain],
      crons: ["*/5 * * * *"],
      workersDev: true,
    });
    for (const host of [route, domain, `${app}.local.workers.dev`]) {
      expect((await cloud.visit(host)).text).toBe("{}");
    }

    expect(await project.wrangler("init", "--from-dash", app, "--no-delegate-c3")).toMatchObject({
      code: 0,
    });
    const copied = (file: string): string => readFileSync(join(project.dir, app, file), "utf8");
    expect(copied("src/worker.js")).toContain('console.log("asked for"');
    expect(JSON.parse(copied("wrangler.jsonc"))).toMatchObject({
      name: app,
      main: "src/worker.js",
      compatibility_date: "2026-09-01",
      workers_dev: true,
      routes: [
        { pattern: `${route}/*`, zone_name: "localhost" },
        { pattern: domain, zone_name: "localhost", custom_domain: true },
      ],
      triggers: { crons: ["*/5 * * * *"] },
    });

    const put = await project.wranglerReads("hush", "secret", "put", "KEY");
    expect(put).toMatchObject({ code: 0 });
    expect(put.said).toContain("Success! Uploaded secret KEY");
    writeFileSync(join(project.dir, "secrets.json"), JSON.stringify({ A: "a", B: "b", KEY: null }));
    expect(await project.wrangler("secret", "bulk", "secrets.json")).toMatchObject({ code: 0 });
    expect(JSON.parse((await cloud.visit(route)).text)).toEqual({ A: "a", B: "b" });
    expect(await project.wrangler("secret", "delete", "A")).toMatchObject({ code: 0 });
    const list = await project.wrangler("secret", "list");
    expect(JSON.parse(list.stdout)).toEqual([{ name: "B", type: "secret_text" }]);

    project.configure({
      workers_dev: false,
      routes: [`${route}/live/*`],
      triggers: { crons: ["0 0 L * *"] },
    });
    expect(await project.wrangler("triggers", "deploy")).toMatchObject({ code: 0 });
    expect(await triggersOf(app)).toEqual({
      routes: [`${route}/live/*`],
      // wrangler says nothing of domains when the configuration has none.
      domains: [domain],
      crons: ["0 0 L * *"],
      workersDev: false,
    });
    expect(JSON.parse((await cloud.visit(route, "/live/")).text)).toEqual({ B: "b" });

    const user = uniqueName();
    await cloud.upload(user, hello("user"), {
      bindings: [{ type: "service", name: "APP", service: app }],
      tail_consumers: [{ service: app }],
    });
    const removed = await project.wrangler("delete");
    expect(removed).toMatchObject({ code: 0 });
    expect(removed.said).toContain(`- Worker ${user} (production) uses this Worker as a Service`);
    expect(removed.said).toContain(
      `- Worker ${user} (production) uses this Worker as a Tail Worker`,
    );
    expect(removed.said).toContain(`Successfully deleted ${app}`);
    expect((await cloud.api("GET", `${SCRIPTS}/${app}/settings`)).errors[0]?.code).toBe(10007);
    const routes = await cloud.api<{ script: string }[]>(
      "GET",
      `/zones/${cloud.zoneId("localhost")}/workers/routes`,
    );
    expect(routes.result.filter(({ script }) => script === app)).toEqual([]);
    expect((await cloud.visit(domain)).text).not.toBe("{}");
  },
  SESSION_MS,
);

test(
  "wrangler versions secret changes secrets in versions that do not serve until they are deployed",
  async () => {
    const app = uniqueName();
    const project = await makeProject(cloud, app);
    await cloud.upload(app, CODE);
    await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
    const host = `${app}.local.workers.dev`;
    const secret = ["versions", "secret"] as const;
    const name = ["--name", app] as const;
    const put = await project.wranglerReads("hush", ...secret, "put", "KEY", ...name);
    expect([put.code, put.said]).toEqual([0, expect.stringContaining("with secret KEY")]);
    writeFileSync(join(project.dir, "secrets.json"), JSON.stringify({ A: "a", B: "b", KEY: null }));
    expect(await project.wrangler(...secret, "bulk", "secrets.json", ...name)).toMatchObject({
      code: 0,
    });
    const removed = await project.wrangler(...secret, "delete", "A", ...name, "--message", "less");
    expect(removed).toMatchObject({ code: 0 });
    expect((await cloud.visit(host)).text).toBe("{}");

    const { result } = await cloud.api("GET", `${SCRIPTS}/${app}/versions`);
    const [latest] = result.items;
    expect([latest?.number, latest?.annotations["workers/message"]]).toEqual([4, "less"]);
    const listed = await project.wrangler(...secret, "list", "--latest-version", ...name);
    expect(listed.stdout).toContain(`-- Version ${latest?.id} (0%) secrets --\nSecret Name: B\n`);
    expect(
      await project.wrangler("versions", "deploy", `${latest?.id}@100`, "--yes", ...name),
    ).toMatchObject({ code: 0 });
    expect((await cloud.visit(host)).text).toBe('{"B":"b"}');
    const served = await project.wrangler(...secret, "list", ...name);
    expect(served.stdout).toContain(`-- Version ${latest?.id} (100%) secrets --\nSecret Name: B\n`);
  },
  SESSION_MS,
);

test(
  "wrangler tail prints what the script does until Ctrl-C, and then the tail is gone",
  async () => {
    const app = uniqueName();
    const project = await makeProject(cloud, app);
    await cloud.upload(app, CODE);
    await cloud.api("POST", `${SCRIPTS}/${app}/subdomain`, { enabled: true });
    const tail = project.startWrangler("tail", app, "--format", "pretty");
    await tail.says(`Connected to ${app}, waiting for logs...`);
    const host = `${app}.local.workers.dev`;
    await cloud.visit(host, "/a");
    await tail.says(`GET http://${host}/a - Ok`);
    await tail.says("(log) asked for { path: '/a' }");
    await cloud.visit(host, "/throw");
    await tail.says(`GET http://${host}/throw - Exception Thrown`);
    await tail.says("RangeError: too far");
    expect(await tail.interrupt()).toBe(0);
    expect((await cloud.api("GET", `${SCRIPTS}/${app}/tails`)).errors[0]?.code).toBe(10057);
  },
  SESSION_MS,
);

test(
  "wrangler whoami says who the local cloud takes everybody for, and what is missing is named",
  async () => {
    const project = await makeProject(cloud, uniqueName());
    project.code(CODE);
    project.configure({});
    const { code, said } = await project.wrangler("whoami");
    expect(code).toBe(0);
    expect(said).toContain("local@localhost");
    expect(said).toContain(cloud.accountId);
    const dispatched = await project.wrangler("deploy", "--dispatch-namespace", "tenants");
    expect(dispatched.code).toBe(1);
    expect(dispatched.said).toContain("The local cloud does not have Workers for Platforms");
  },
  SESSION_MS,
);
