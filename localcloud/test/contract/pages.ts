import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ENDPOINTS } from "../../src/api/table.ts";
import { ERRORS } from "../../src/errors.ts";
import { type Coverage, readCoverage } from "./coverage.ts";
import { UNDOCUMENTED, WITHOUT_SCHEMA } from "./undocumented.ts";

/** A page of docs/localcloud/ that is made from the code. */
export interface Page {
  path: string;
  text: string;
}

const FOLDER = new URL("../../../docs/localcloud/", import.meta.url);

const MADE = "Made from the code and from what the tests use; to bring it up to date: ";

/** The pages as they should be. */
export function renderPages(): Page[] {
  return [
    { path: fileURLToPath(new URL("endpoints.md", FOLDER)), text: endpointsPage(readCoverage()) },
    { path: fileURLToPath(new URL("errors.md", FOLDER)), text: errorsPage() },
  ];
}

export function writePages(): void {
  for (const { path, text } of renderPages()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

function endpointsPage(coverage: Coverage): string {
  const rows = ENDPOINTS.map(([method, path]) => {
    const endpoint = `${method} ${path}`;
    const files = coverage[endpoint] ?? {};
    const clients = [...new Set(Object.values(files).flat())].toSorted();
    const tests = Object.keys(files).map((file) => file.replace(/\.test\.ts$/, ""));
    return [`\`${endpoint}\``, documentation(endpoint), clients.join(", "), tests.join(", ")];
  });
  const undocumented = rows.filter(([, documented]) => documented?.startsWith("no")).length;
  return `# The local cloud's endpoints

All that the local cloud has of Cloudflare's API: ${rows.length} endpoints, ${undocumented} of them documented nowhere. Everything else answers 501 and names itself.

"Documented" is by Cloudflare's API reference; an answer of such an endpoint is compared with the types of Cloudflare's SDK in every test, unless the reference has none. "Clients" are those that the tests run unmodified: wrangler, Cloudflare's SDK and the [stand-in for Pulumi's provider](../../localcloud/provider/README.md); "provider (replayed)" is what terraform-provider-cloudflare 5.22.0 sent when it was run against the local cloud, sent again byte for byte. The tests are in \`localcloud/test/\`; an endpoint without one fails the run.

${MADE}\`LOCALCLOUD_COVERAGE=write npx vitest run --project=localcloud\`.

${table(["Endpoint", "Documented", "Clients", "Tests"], rows)}
`;
}

function documentation(endpoint: string): string {
  const use = UNDOCUMENTED[endpoint];
  if (use !== undefined) return `no: ${use}`;
  const reason = WITHOUT_SCHEMA[endpoint];
  return reason === undefined ? "yes" : `yes, ${reason}`;
}

const VERIFIED = {
  text: "code and text",
  code: "code; the words are ours",
  no: "no: chosen by us",
} as const;

function errorsPage(): string {
  const kinds = Object.entries(ERRORS).toSorted(
    ([a, first], [b, second]) => first.code - second.code || (a < b ? -1 : 1),
  );
  const rows = kinds.map(([name, { status, code, text, source, verified }]) => [
    String(code),
    String(status),
    text.replaceAll("|", String.raw`\|`).replaceAll(/([*_<>])/g, String.raw`\$1`),
    VERIFIED[verified],
    source.replaceAll("_", String.raw`\_`),
    `\`${name}\``,
  ]);
  const count = (verified: keyof typeof VERIFIED): number =>
    kinds.filter(([, kind]) => kind.verified === verified).length;
  return `# The local cloud's errors

Every failure that the API answers with. Of ${kinds.length}, ${count("text")} have the code and the text as people report them from Cloudflare, ${count("code")} have Cloudflare's code and words of ours, ${count("no")} are chosen by us because nobody knows better. The HTTP status of many is not reported anywhere. \`{name}\` stands for a value.

${MADE}\`LOCALCLOUD_COVERAGE=write npx vitest run --project=localcloud docs.test\`.

${table(["Code", "Status", "Text", "As Cloudflare says it", "Source", "Name"], rows)}
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
