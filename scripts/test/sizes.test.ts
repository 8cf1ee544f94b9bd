import { readdir } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { renderSizes } from "../lib/sizes/docs.ts";
import { installPackages } from "../lib/sizes/install.ts";
import { measure } from "../lib/sizes/measure.ts";
import { PEERS } from "../lib/sizes/peers.ts";
import type { Measured, Subject } from "../lib/sizes/subject.ts";
import { formatOurs, formatPeers } from "../lib/sizes/table.ts";
import { temporaryFolder, UNREACHABLE, writeFiles } from "./support.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function subject(source: string, more: Partial<Subject> = {}): Subject {
  return { name: "it", packages: {}, source, ...more };
}

function measured(name: string, gzipped: number, more: Partial<Subject> = {}): Measured {
  const size = { minified: gzipped * 2, gzipped };
  return { subject: { ...subject(""), name, ...more }, rolldown: size, esbuild: size };
}

/** A place in the document. */
function place(name: string, text: string): string {
  return `<!-- sizes:${name} -->\n${text}<!-- sizes:end -->`;
}

describe("measuring", () => {
  test("counts the bytes of what is left after minifying, and those after gzip", async () => {
    const { rolldown, esbuild } = await measure(
      subject(`const unused = 1; /** A comment. */ console.log("used");`),
      folder,
    );
    const rolldownScript = "console.log(`used`);\n";
    const esbuildScript = 'console.log("used");\n';
    expect(rolldown).toEqual({
      minified: rolldownScript.trimEnd().length,
      gzipped: gzipSync(rolldownScript.trimEnd(), { level: 9 }).length,
    });
    expect(esbuild).toEqual({
      minified: esbuildScript.length,
      gzipped: gzipSync(esbuildScript, { level: 9 }).length,
    });
  });

  test("bundles what a subject imports, and leaves React out", async () => {
    await writeFiles(folder, {
      "node_modules/peer/index.js": "export const name = 'a'.repeat(9);",
      "node_modules/peer/package.json": '{"main":"index.js"}',
    });
    const alone = await measure(
      subject(`import { useState } from "react"; console.log(useState);`),
      folder,
    );
    const both = await measure(
      subject(
        `import { useState } from "react"; import { name } from "peer"; console.log(useState, name);`,
      ),
      folder,
    );
    expect(alone.rolldown.minified).toBeLessThan(60);
    expect(both.rolldown.minified - alone.rolldown.minified).toBeGreaterThan(10);
    expect(both.esbuild.minified - alone.esbuild.minified).toBeGreaterThan(10);
  });

  test("does not count the caller", async () => {
    const source = `console.log(document.title);`;
    const whole = await measure(subject(source), folder);
    const part = await measure(subject(source, { caller: "console.log();" }), folder);
    expect(whole.rolldown.minified - part.rolldown.minified).toBe("console.log();".length);
    expect(whole.esbuild.gzipped - part.esbuild.gzipped).toBe(
      gzipSync("console.log();", { level: 9 }).length,
    );
  });

  test("refuses a subject whose import is missing, which would be small", async () => {
    await expect(measure(subject(`import "not-there";`), folder)).rejects.toThrow(
      /^it does not bundle: .*not-there/s,
    );
    await writeFiles(folder, { "node_modules/peer/index.js": "export const name = 1;" });
    const other = subject(`import { other } from "peer"; console.log(other);`);
    await expect(measure(other, folder)).rejects.toThrow(/^it does not bundle: .*other/s);
  });
});

describe("installing what is compared", () => {
  test("says why when the registry is out of reach, and leaves nothing half done", async () => {
    const started: string[] = [];
    const install = installPackages([subject("", { packages: { peer: "1.2.3" } })], folder, {
      registry: UNREACHABLE,
      onStart: (packages) => started.push(...packages),
    });
    await expect(install).rejects.toThrow(
      /^npm could not install the packages to compare with .*ECONNREFUSED.*check the network/s,
    );
    expect(started).toEqual(["peer@1.2.3"]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("refuses two versions of one package", async () => {
    const subjects = [
      subject("", { packages: { peer: "1.0.0" } }),
      subject("", { packages: { peer: "2.0.0" } }),
    ];
    await expect(installPackages(subjects, folder)).rejects.toThrow(
      "peer: 1.0.0 and, for it, 2.0.0; give one version",
    );
  });

  test("pins every peer to one version", () => {
    for (const { packages } of PEERS) {
      for (const version of Object.values(packages)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });
});

describe("the tables", () => {
  const ours = measured("ours", 2_000);
  const peers = [
    measured("large", 21_000, { packages: { large: "1.0.0" } }),
    measured("small", 500, { lacks: "all" }),
  ];

  test("show everybody by size, with how many times ours it is", () => {
    expect(formatPeers(ours, peers).split("\n")).toEqual([
      "| a live count by | version |     | minified | and gzip | by esbuild | × ours |",
      "| --------------- | ------- | --- | -------: | -------: | ---------: | -----: |",
      "| small           |         | all |    1,000 |      500 |        500 |   0.25 |",
      "| **ours**        |         |     |    4,000 |    2,000 |      2,000 |    1.0 |",
      "| large           | 1.0.0   |     |   42,000 |   21,000 |     21,000 |     11 |",
    ]);
  });

  test("show the parts, and the script that nobody bundles", () => {
    expect(formatOurs([measured("core", 1_500)], { minified: 9, gzipped: 8 }).split("\n")).toEqual([
      "| import                           | minified | and gzip | by esbuild |",
      "| -------------------------------- | -------: | -------: | ---------: |",
      "| core                             |    3,000 |    1,500 |      1,500 |",
      "| `/live.js`, served by the Worker |        9 |        8 |            |",
    ]);
  });

  test("stand between their marks, and all else stays", () => {
    const document = `# Size\n\n${place("ours", "")}\n\ntext\n\n${place("peers", "\nold\n\n")}\n`;
    expect(renderSizes(document, { ours: "1", peers: "2" })).toBe(
      `# Size\n\n${place("ours", "\n1\n\n")}\n\ntext\n\n${place("peers", "\n2\n\n")}\n`,
    );
  });

  test("have a place each", () => {
    expect(() => renderSizes("no place", { ours: "1" })).toThrow(
      "docs/size.md has no place for ours",
    );
    expect(() => renderSizes(place("other", ""), {})).toThrow(
      "docs/size.md: nothing is measured for 'other'",
    );
  });
});
