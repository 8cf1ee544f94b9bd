import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { namesIn } from "../scripts/lib/files.ts";
import { CHECKOUT } from "../scripts/lib/project.ts";
import { AccountCheckout, records } from "./support/account-checkout.ts";
import { sectionsOf, type Section } from "./support/page-commands.ts";

const TIMEOUT_MS = 600_000;

/** What makes the checkout and its packages, and what another suite runs (`local.test.ts`). */
const ELSEWHERE = /^(git clone |npm ci$|npm run local )/;
/** They ask on a terminal, and there is none. */
const ASKING = /^npm run (deploy|pulumi -- (destroy|stack rm)) ?/;

const TOKEN = "CLOUDFLARE_API_TOKEN";

let account: AccountCheckout;
let home: string;
let sections: Section[];
const exported: NodeJS.ProcessEnv = {};

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "visitor-tracker-home-"));
  sections = await sectionsOf("deploy.md");
  const files: Record<string, string> = {};
  for (const name of ["Pulumi.prod.yaml", "Pulumi.staging.yaml"]) {
    files[name] = await readFile(join(CHECKOUT, name), "utf8");
  }
  account = await AccountCheckout.start({ files: () => files });
}, TIMEOUT_MS);
afterAll(async () => {
  await account.close();
  await rm(home, { recursive: true, force: true });
});

/** Runs a command of the page as the person does who reads it, with the local cloud as the account. */
async function follow(line: string): Promise<string> {
  const [, name, value] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
  if (name !== undefined) {
    exported[name] = value;
    if (name === TOKEN) await connectLocalCloud("prod");
    return "";
  }
  const own = { HOME: home, PULUMI_HOME: join(home, ".pulumi"), PULUMI_BACKEND_URL: undefined };
  const mine = line.replace("0123456789abcdef0123456789abcdef", account.cloud.accountId);
  const run = ASKING.test(line) ? `${mine}${line.includes(" -- ") ? "" : " --"} --yes` : mine;
  const printed = await account.mustRun(run, { ...own, ...exported });
  const [, stack] = /stack init (\w+)$/.exec(line) ?? [];
  if (stack !== undefined && TOKEN in exported) await connectLocalCloud(stack);
  return printed;
}

/** From the token on: until then the doctor speaks of Cloudflare's, and asks nobody. */
async function connectLocalCloud(stack: string): Promise<void> {
  const { apiUrl, edgeUrl } = account.cloud;
  for (const setting of [`cloudflareBaseUrl ${apiUrl}`, `edgeUrl ${edgeUrl}`]) {
    await follow(`npm run pulumi -- config set --stack ${stack} ${setting}`);
  }
}

/** @returns what each command printed */
async function followAll(chosen: readonly Section[]): Promise<Map<string, string>> {
  const printed = new Map<string, string>();
  for (const line of chosen.flatMap(({ lines }) => lines)) {
    if (!ELSEWHERE.test(line)) printed.set(line, await follow(line));
  }
  return printed;
}

test("the page leads from nothing to production and staging", { timeout: TIMEOUT_MS }, async () => {
  const until = sections.findIndex(({ title }) => title === "Upgrade");
  const printed = await followAll(sections.slice(0, until));
  expect(printed.get("npm run doctor -- --stack prod || true")).toContain(
    "https://dash.cloudflare.com/profile/api-tokens?permissionGroupKeys=",
  );
  expect(printed.get("npm run preview -- --stack prod")).toContain("First deployment (stack prod)");
  for (const stack of ["prod", "staging"]) {
    expect(printed.get(`npm run deploy -- --stack ${stack}`)).toContain("6 passed, 0 failed");
  }
  const embed = printed.get("npm run pulumi -- stack output embed --stack prod");
  expect(embed).toContain('<script src="http://count.example.com');
  expect(Object.keys(await account.scripts()).toSorted()).toEqual([
    "visitor-tracker",
    "visitor-tracker-staging",
  ]);
});

test(
  "an upgrade is previewed and applied, and nothing has drifted",
  { timeout: TIMEOUT_MS },
  async () => {
    await account.repository.checkout.edit("worker/src/index.ts", /^/, "globalThis.newer = 1;\n");
    const before = await account.scripts();
    const upgrade = sections.filter(({ title }) => /^(Upgrade|See what was changed)/.test(title));
    const printed = await followAll(upgrade);
    expect([...printed.values()].join("")).toContain("6 passed, 0 failed");
    expect(printed.get("npm run drift -- --stack prod")).toContain(
      "the account has what was deployed",
    );
    const after = await account.scripts();
    expect(after["visitor-tracker"]).not.toBe(before["visitor-tracker"]);
    expect(after["visitor-tracker-staging"]).toBe(before["visitor-tracker-staging"]);
  },
);

test("a state is moved as docs/state.md says", { timeout: TIMEOUT_MS }, async () => {
  const moving = (await sectionsOf("state.md")).find(({ title }) => title === "Moving");
  await mkdir(join(home, "elsewhere"));
  const printed: string[] = [];
  for (const line of moving?.lines ?? []) {
    printed.push(await follow(line.replace("<the new place>", `"file://${home}/elsewhere"`)));
  }
  expect(printed.join("")).toContain("Nothing changes (stack prod)");
  // Staging has stayed where it was.
  await follow(`npm run pulumi -- login "file://${home}/visitor-tracker-state"`);
});

test("what the page removes is gone, from the account too", { timeout: TIMEOUT_MS }, async () => {
  await followAll(sections.filter(({ title }) => title === "Remove everything"));
  expect(await account.scripts()).toEqual({});
  expect(records(await account.api("GET", "/accounts/:account/workers/domains"))).toEqual([]);
  const stacks = join(home, "visitor-tracker-state/.pulumi/stacks/visitor-tracker");
  expect((await namesIn(stacks)).filter((name) => name.endsWith(".json"))).toEqual([]);
});
