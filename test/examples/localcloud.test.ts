import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPage } from "../../localcloud/src/http/page-files.ts";
import { compile } from "./support/compile.ts";
import { EXAMPLES } from "./support/example.ts";
import { finish, Leash } from "./support/leash.ts";
import { installPacked, pack } from "./support/packed.ts";

/** Oldest and newest TypeScript 5. The newer one is the example's own. */
const COMPILERS = { "5.0.4": "typescript-oldest", "5.9.3": "typescript" } as const;
const OLDEST =
  "npm install --no-save --prefer-offline --no-package-lock --no-audit --no-fund --loglevel=error";

/** Uses everything that the package exports, and names that it does not have. */
const CONSUMER = `
import {
  DEFAULT_ZONES, LOCAL_TOKEN, resetLocalCloud, startLocalCloud,
} from "@visitor-tracker/localcloud";
import type {
  ActiveFault, ClientName, FaultRule, Faults, JournalEntry, LocalCloud, LocalCloudOptions,
  Plan, Seed, SeedZone,
} from "@visitor-tracker/localcloud";

const zone: SeedZone = { name: "example.com", dnsRecords: [{ type: "A", name: "@", content: "192.0.2.1" }] };
const plan: Plan = "free";
const seed: Seed = { subdomain: "team", plan, zones: [zone] };
const entries: JournalEntry[] = [];
const options: LocalCloudOptions = {
  dir: ".cloud", port: 0, edgePort: 0, seed, zones: [...DEFAULT_ZONES], strict: true,
  onRequest: (entry) => entries.push(entry),
};
const cloud: LocalCloud = await startLocalCloud(options);
const client: ClientName = "wrangler";
const variables: Record<string, string> = cloud.env(client);
const rule: FaultRule = { method: "PUT", status: 503, retryAfter: 1 };
const faults: Faults = cloud.faults;
faults.add(rule, { drop: true, after: true });
const active: readonly ActiveFault[] = faults.list();
export const texts: string[] = [
  variables["CI"] ?? "", LOCAL_TOKEN, cloud.zoneId("example.com"), active[0]?.id.toFixed() ?? "",
  cloud.journal[0]?.errors[0]?.message ?? "",
];
await cloud.close();
await resetLocalCloud(".cloud");
// @ts-expect-error -- no such option
await startLocalCloud({ prot: 0 });
// @ts-expect-error -- no such client
cloud.env("curl");
`;

/** As strict as a project can be: our declarations are checked, too, and nothing but them is there. */
const STRICT = {
  target: "ES2022",
  lib: ["ES2022"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  types: [],
};

/** A project of somebody else, with the package as it would be published. */
let parent: string;
let project: string;
let readme: string;

beforeAll(async () => {
  parent = await realpath(await mkdtemp(join(tmpdir(), "visitor-tracker-localcloud-")));
  project = join(parent, "seats");
  readme = await readFile(new URL("../../localcloud/README.md", import.meta.url), "utf8");
  await cp(join(EXAMPLES, "localcloud"), project, {
    recursive: true,
    filter: (path) => !path.includes("node_modules"),
  });
  await installPacked(project, await pack("localcloud", parent));
});
afterAll(() => rm(parent, { recursive: true, force: true, maxRetries: 5 }));

/** The code of the README in a language. */
function codeOf(language: string): string[] {
  const blocks = readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms"));
  return Array.from(blocks, ([, code = ""]) => code);
}

test("the example's tests pass: a race, a deploy over it, an API that fails", async () => {
  await expect(finish(["npm", "test"], project)).resolves.toBeUndefined();
});

test("the README's test fits the types, and passes", async () => {
  const [code = "", ...more] = codeOf("ts");
  expect(more).toEqual([]);
  await writeFile(join(project, "readme.test.ts"), code);
  expect(await compile(join(project, "node_modules/typescript/bin/tsc"), project)).toBe("");
  const run = finish(["node", "--test", "readme.test.ts"], project);
  await expect(run).resolves.toBeUndefined();
});

test("npx serves, and the README's commands deploy to it with the real wrangler", async () => {
  const started = "npx localcloud start";
  const [, start, deploy = ""] = codeOf("sh");
  expect(start).toBe(`${started}\n`);
  const ports = ["--port", "0", "--edge-port", "0"];
  const cloud = new Leash([...started.split(" "), ...ports], project);
  try {
    const api = await cloud.prints(/^API +(\S+)$/m);
    const edge = await cloud.prints(/^Edge +(\S+)$/m);
    const page = await cloud.prints(/^Page +(\S+)$/m);
    const commands = deploy.replace("localcloud env", `localcloud env --port ${new URL(api).port}`);
    expect(commands).not.toBe(deploy);
    await finish(["sh", "-ec", commands], project);
    const headers = { "x-emulator-host": "seats.local.workers.dev" };
    const taken = await fetch(`${edge}/A1?guest=Ada`, { method: "POST", headers });
    expect(taken.status).toBe(201);
    const seats = await fetch(edge, { headers });
    expect(await seats.json()).toEqual({ A1: "Ada" });
    for (const [path, text] of Object.entries(await readPage()))
      expect(await (await fetch(new URL(path, page))).text()).toBe(text);
  } finally {
    await cloud.letGo();
  }
});

describe("the types", () => {
  beforeAll(async () => {
    await finish([...OLDEST.split(" "), "typescript-oldest@npm:typescript@5.0.4"], project);
    await writeFile(join(project, "consumer.ts"), CONSUMER);
  });

  test.each(
    Object.entries(COMPILERS).flatMap(([version, name]) => [
      { version, name, module: "nodenext", moduleResolution: "nodenext" },
      { version, name, module: "esnext", moduleResolution: "bundler" },
    ]),
  )(
    "fit a strict program: TypeScript $version, $moduleResolution",
    async ({ name, module, moduleResolution }) => {
      const file = join(project, `tsconfig.${moduleResolution}.json`);
      const compilerOptions = { ...STRICT, module, moduleResolution };
      await writeFile(file, JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
      expect(await compile(join(project, `node_modules/${name}/bin/tsc`), file)).toBe("");
    },
  );
});
