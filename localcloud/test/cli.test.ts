import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStore } from "../src/model/store.ts";
import { followCli, runCli, startChild } from "./support/child.ts";
import { startSharedCloud, startTestCloud } from "./support/cloud.ts";
import { makeFolder } from "./support/folder.ts";

const cloud = await startSharedCloud();
const port = new URL(cloud.apiUrl).port;
const at = (...args: string[]): ReturnType<typeof runCli> => runCli([...args, "--port", port]);

describe("the command line", () => {
  test("help lists the commands, and each command's its options", async () => {
    const { code, stdout } = await runCli(["--help"]);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
    expect(commands).toEqual(["start", "status", "logs", "reset", "env", "faults"]);
    for (const name of commands) {
      const help = await runCli([String(name), "--help"]);
      expect(await runCli(["help", String(name)])).toEqual(help);
      expect(help).toEqual({
        code: 0,
        stdout: expect.stringMatching(new RegExp(`^Usage: localcloud ${name} `)),
        stderr: "",
      });
    }
  });

  test.each([
    [
      ["serve"],
      "localcloud has no command 'serve'; it has start, status, logs, reset, env, faults.",
    ],
    [
      ["start", "--prot", "1"],
      "'--prot' is no option of localcloud start; it has --persist, --reset, --seed, --port, --edge-port, --zone, --eventual-consistency-ms, --strict.",
    ],
    [["start", "--port", "x"], "--port: 'x' is not a whole number."],
    [["start", "--port", "65536"], "--port: '65536' is not a port; use 0 to 65535."],
    [["start", "now"], "localcloud start takes no 'now'; see localcloud start --help."],
    [
      ["start", "--reset"],
      "--reset is for the folder of --persist; without one it starts empty anyway.",
    ],
    [["logs", "--last"], "--last needs a value; see localcloud logs --help."],
    [["start", "--port", "--strict"], "--port needs a value; see localcloud start --help."],
    [["faults"], "localcloud faults needs a word more; it has add, list, remove and clear."],
    [
      ["env", "--client", "x"],
      "--client: 'x' is not known; give sdk, wrangler, pulumi, terraform.",
    ],
    [["faults", "break"], "localcloud faults has no 'break'; it has add, list, remove and clear."],
    [["faults", "remove", "x"], "localcloud faults remove takes an id, not 'x'."],
    [["faults", "add", "--header", "x"], "--header: 'x' is not a header; give 'name: value'."],
    [
      ["faults", "add", "--rule", "{}", "--drop"],
      "--rule is the whole rule; leave the options for drop out.",
    ],
  ])("%j ends with 2 and says what to give", async (args, message) => {
    expect(await runCli(args)).toEqual({ code: 2, stdout: "", stderr: `localcloud: ${message}\n` });
  });

  test("it says its version, which is the package's", async () => {
    const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(manifest);
    expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("without a command it ends with 2 and lists them", async () => {
    const { code, stderr } = await runCli([]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("  start    serve the API")]);
  });
});

describe("env", () => {
  test.each(["sdk", "pulumi", "terraform"] as const)("points %s here", async (client) => {
    const { stdout } = await at("env", "--client", client, "--json");
    expect(JSON.parse(stdout)).toEqual(cloud.env());
    expect(cloud.env(client)).toEqual(cloud.env());
  });

  test("points wrangler here by its own variable, and keeps it quiet", async () => {
    const { stdout } = await at("env", "--client", "wrangler");
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      `export CLOUDFLARE_API_BASE_URL=${cloud.apiUrl}`,
      "export CLOUDFLARE_API_TOKEN=local-cloud-token-0123456789abcdef0123456789abcdef",
      `export CLOUDFLARE_ACCOUNT_ID=${cloud.accountId}`,
      "export CI=1",
    ]);
    expect(stdout).toContain("export WRANGLER_SEND_METRICS=false\n");
  });
});

describe("status", () => {
  test("says what runs, in words and as JSON", async () => {
    const { code, stdout } = await at("status");
    expect(code).toBe(0);
    expect(stdout).toContain(`apiUrl       ${cloud.apiUrl}\n`);
    expect(stdout).toContain("zones        localhost, visitors.localhost\n");
    expect(JSON.parse((await at("status", "--json")).stdout)).toMatchObject({ dir: cloud.dir });
  });

  test("of nothing that runs ends with 1 and says how to start", async () => {
    const gone = await startTestCloud();
    await gone.close();
    const { port: free } = new URL(gone.apiUrl);
    expect(await runCli(["status", "--port", free])).toEqual({
      code: 1,
      stdout: "",
      stderr: `localcloud: Nothing answers at http://127.0.0.1:${free}. Start a local cloud (localcloud start), or say where it is (--port).\n`,
    });
  });

  test("of another program ends with 1", async () => {
    const edge = new URL(cloud.edgeUrl).port;
    expect(await runCli(["status", "--port", edge])).toEqual({
      code: 1,
      stdout: "",
      stderr: `localcloud: What answers at http://127.0.0.1:${edge} is no local cloud. Say where it is (--port).\n`,
    });
  });
});

describe("faults", () => {
  test("are added by options or as JSON, listed, removed and cleared", async () => {
    const options =
      "--method PUT --path /scripts/ --skip 1 --times 2 --delay-ms 5 --status 429 --code 971 --message slow --retry-after 3 --after";
    const added = await at("faults", "add", ...options.split(" "), "--header", "x-a: b");
    const [first] = cloud.faults.list();
    expect(first).toEqual({
      id: expect.any(Number),
      method: "PUT",
      path: "/scripts/",
      skip: 1,
      times: 2,
      delayMs: 5,
      status: 429,
      code: 971,
      message: "slow",
      retryAfter: 3,
      after: true,
      headers: { "x-a": "b" },
    });
    expect(added).toEqual({ code: 0, stdout: `${JSON.stringify(first)}\n`, stderr: "" });
    await at("faults", "add", "--rule", '[{"drop":true},{"truncate":true}]');
    expect((await at("faults", "list")).stdout.trim().split("\n")).toHaveLength(3);
    await at("faults", "remove", String(first?.id));
    expect(cloud.faults.list().map(({ drop }) => drop)).toEqual([true, undefined]);
    await at("faults", "add", "--eventual-consistency-ms", "250");
    expect(cloud.faults.eventualConsistencyMs).toBe(250);
    expect(await at("faults", "clear")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect([cloud.faults.list(), cloud.faults.eventualConsistencyMs]).toEqual([[], 0]);
  });

  test("a rule that is wrong ends with 1 and says what to give", async () => {
    expect(await at("faults", "add", "--status", "99")).toEqual({
      code: 1,
      stdout: "",
      stderr: "localcloud: fault.status: 99 is not allowed; give a whole number from 200 to 599.\n",
    });
  });
});

describe("logs", () => {
  test("tell a line a request and one an error", async () => {
    await cloud.api("GET", "/user");
    await cloud.api("GET", "/accounts/:account/workers/scripts/nobody/settings");
    const { stdout } = await at("logs", "--last", "2");
    expect(stdout).toMatch(
      new RegExp(
        String.raw`^\d\d:\d\d:\d\d\.\d{3} GET /user 200 [\d.]+ ms\n` +
          String.raw`\d\d:\d\d:\d\d\.\d{3} GET /accounts/${cloud.accountId}/workers/scripts/nobody/settings 404 [\d.]+ ms\n` +
          String.raw`  10007 This Worker does not exist on your account\.\n$`,
      ),
    );
    const json = await at("logs", "--last", "1", "--json");
    expect(JSON.parse(json.stdout)).toEqual(cloud.journal.at(-1));
  });

  test("--follow goes on with what comes, and ends with the local cloud", async () => {
    const local = await startTestCloud();
    const following = followCli(["logs", "--follow", "--port", new URL(local.apiUrl).port]);
    await local.api("GET", "/user");
    const { number: _, ...first } = JSON.parse(JSON.stringify(local.journal[0]));
    expect(await following.line()).toContain(` ${first.method} /user 200 `);
    await local.api("GET", "/memberships");
    expect(await following.line()).toContain(" GET /memberships 200 ");
    await local.close();
    expect(await following.ended).toBe(0);
  });
});

describe("reset", () => {
  test("empties the account that runs", async () => {
    const local = await startTestCloud();
    const path = `/zones/${local.zoneId("localhost")}/dns_records`;
    await local.api("POST", path, { type: "A", name: "www", content: "192.0.2.1" });
    const { port: own } = new URL(local.apiUrl);
    expect(await runCli(["reset", "--port", own])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await local.api("GET", path)).result).toEqual([]);
  });

  test("empties a folder, unless a local cloud uses it", async () => {
    const dir = await makeFolder();
    writeFileSync(join(dir, "state.json"), "{");
    expect((await runCli(["reset", "--persist", dir])).code).toBe(0);
    expect(readdirSync(dir)).toEqual([]);
    expect(await runCli(["reset", "--persist", cloud.dir])).toEqual({
      code: 1,
      stdout: "",
      stderr: `localcloud: ${cloud.dir} is in use by process ${process.pid}. Stop that process, or use another folder.\n`,
    });
  });
});

describe("start", () => {
  test("with a seed has what it says, and with --reset forgets the rest", async () => {
    const dir = join(await makeFolder(), "cloud");
    mkdirSync(dir);
    openStore(dir).update((draft) => {
      draft.subdomain = "old";
      draft.zones = [{ id: "old", name: "old.example", createdOn: "now" }];
    });
    const seed = join(await makeFolder(), "seed.json");
    writeFileSync(seed, JSON.stringify({ plan: "free", zones: [{ name: "seed.example" }] }));
    const options = ["--reset", "--seed", seed, "--zone", "flag.example"];
    const child = await startChild(dir, options);
    const { stdout } = await runCli(["status", "--json", "--port", new URL(child.apiUrl).port]);
    expect(JSON.parse(stdout)).toMatchObject({
      plan: "free",
      subdomain: "local",
      zones: ["flag.example", "seed.example"],
    });
  });

  test.each([
    ["{", "Expected property name or '}' in JSON at position 1 (line 1 column 2)"],
    ['{"plan":"gold"}', 'plan: "gold" is not allowed; give free or paid.'],
  ])("the seed %j is refused with its file and why", async (text, message) => {
    const seed = join(await makeFolder(), "seed.json");
    writeFileSync(seed, text);
    expect(await runCli(["start", "--seed", seed, "--port", "0", "--edge-port", "0"])).toEqual({
      code: 1,
      stdout: "",
      stderr: `localcloud: --seed ${seed}: ${message}\n`,
    });
  });
});
