import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { compile } from "./support/compile.ts";
import { finish } from "./support/leash.ts";

/** Oldest and newest compiler that can read the package's types. */
const COMPILERS = ["5.0.4", "7.0.2"] as const;

/**
 * Oldest and newest of React's types, and what they import. The declaration is how users tell their
 * JSX of `<visitor-count>`: React 19 has a namespace of its own, before there was a global one.
 */
const REACTS = [
  {
    version: "18.0.0",
    packages: { "@types/react": "18.0.0", "@types/scheduler": "0.16.8" },
    jsx: "declare global {",
  },
  {
    version: "19.3.0",
    packages: { "@types/react": "19.3.0" },
    jsx: 'declare module "react" {',
  },
] as const;

/** Uses everything that the package exports, and two names that it does not have. */
const CONSUMER = `
import { createVisitorCounter, getVisitorId } from "@visitor-tracker/client";
import type {
  VisitorCounter, VisitorCounterOptions, VisitorState, VisitorStatus,
} from "@visitor-tracker/client";
import { VisitorCountElement } from "@visitor-tracker/client/element";
import { useVisitorCount, VisitorCount } from "@visitor-tracker/client/react";
import type { UseVisitorCountOptions, VisitorCountProps } from "@visitor-tracker/client/react";
import type { ReactNode } from "react";

const options: VisitorCounterOptions = { endpoint: "https://count.example.com", page: undefined };
const counter: VisitorCounter = createVisitorCounter(options);
const leave: () => void = counter.subscribe(() => {
  const state: VisitorState = counter.getSnapshot();
  const status: VisitorStatus = state.status;
  document.title = \`\${status} \${state.count?.toFixed() ?? ""} \${getVisitorId().length}\`;
});
leave();
// @ts-expect-error -- no such option
createVisitorCounter({ endpont: "/live" });

const element: VisitorCountElement = new VisitorCountElement();
const count: number | undefined = element.count;
const status: VisitorStatus = element.status;
element.textContent = \`\${status} \${count ?? ""}\`;

const consent: UseVisitorCountOptions = { endpoint: "/live", enabled: false };
const props: VisitorCountProps = { ...consent, fallback: <i>Some</i> };
export function Page(): ReactNode {
  const here = useVisitorCount(consent).count;
  return (
    <p>
      <VisitorCount {...props} className="count" title={here?.toFixed()} />
      <VisitorCount>{({ count, status }) => <b title={status}>{count.toFixed()}</b>}</VisitorCount>
      {/* @ts-expect-error -- no such prop */}
      <VisitorCount endpont="/live" />
    </p>
  );
}
`;

/** Needs what client/README.md declares. */
const ELEMENT_IN_JSX = `
import type { ReactNode } from "react";

export const Here = (): ReactNode => (
  <visitor-count endpoint="/live" one="{} is here" other="{} are here" suppressHydrationWarning>
    Some people are here
  </visitor-count>
);
`;

/** As strict as a site can be: our declarations are checked, too. */
const TSCONFIG = {
  compilerOptions: {
    target: "ES2020",
    lib: ["ES2020", "DOM"],
    module: "ESNext",
    moduleResolution: "bundler",
    jsx: "react-jsx",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
  },
  include: ["*.tsx"],
};

const INSTALL =
  "npm install --prefer-offline --no-package-lock --no-audit --no-fund --loglevel=error";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "visitor-tracker-types-"));
  const compilers = COMPILERS.map((version) => [
    `typescript-${version}`,
    `npm:typescript@${version}`,
  ]);
  await install("compilers", Object.fromEntries(compilers));
  for (const { version, packages, jsx } of REACTS) {
    const project = await install(version, {
      ...packages,
      "@visitor-tracker/client": `file:${inject("tarball")}`,
    });
    await writeFile(join(project, "tsconfig.json"), JSON.stringify(TSCONFIG));
    await writeFile(join(project, "consumer.tsx"), CONSUMER);
    await writeFile(join(project, "element.tsx"), ELEMENT_IN_JSX);
    for (const [index, code] of (await readmeCode()).entries()) {
      const text = code.replace('declare module "react" {', jsx);
      await writeFile(join(project, `readme-${index}.tsx`), `${text}export {};\n`);
    }
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function install(name: string, dependencies: Record<string, string>): Promise<string> {
  const project = join(folder, name);
  await mkdir(project);
  const manifest = { private: true, type: "module", dependencies };
  await writeFile(join(project, "package.json"), JSON.stringify(manifest));
  await finish(INSTALL.split(" "), project);
  return project;
}

/** What client/README.md shows in TypeScript. */
async function readmeCode(): Promise<string[]> {
  const text = await readFile(new URL("../../client/README.md", import.meta.url), "utf8");
  return Array.from(text.matchAll(/^```tsx?\n(.*?)^```$/gms), ([, code = ""]) => code);
}

/** The script of one of the compilers. */
function tsc(version: string): string {
  return join(folder, `compilers/node_modules/typescript-${version}/bin/tsc`);
}

describe.each(REACTS)("with the types of React $version", ({ version }) => {
  test.each(COMPILERS)(
    "TypeScript %s takes the package, its element in JSX, and all that the README shows",
    async (compiler) => {
      expect(await compile(tsc(compiler), join(folder, version))).toBe("");
    },
  );
});

test("the declarations of the packed client import nothing but React", async () => {
  const client = join(folder, REACTS[0].version, "node_modules/@visitor-tracker/client");
  const imports: string[] = [];
  for (const entry of ["index", "react", "element"]) {
    imports.push(...(await importsOf(join(client, "dist"), `./${entry}.js`)));
  }
  expect([...new Set(imports)]).toEqual(["react"]);
});

/** The packages that a declaration file imports, with those of the files beside it. */
async function importsOf(dist: string, name: string): Promise<string[]> {
  const text = await readFile(join(dist, name.replace(/\.js$/, ".d.ts")), "utf8");
  const found: string[] = [];
  for (const [, specifier = ""] of text.matchAll(/(?:from|import)\s*\(?\s*["']([^"']+)["']/g)) {
    if (specifier.startsWith(".")) found.push(...(await importsOf(dist, specifier)));
    else found.push(specifier);
  }
  return found;
}
