import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { ENDPOINTS } from "../src/api/table.ts";
import { IS_WRITING, readCoverage } from "./contract/coverage.ts";
import { renderPages } from "./contract/pages.ts";
import { UNDOCUMENTED, WITHOUT_SCHEMA } from "./contract/undocumented.ts";

const endpoints = ENDPOINTS.map(([method, path]) => `${method} ${path}`);

test.skipIf(IS_WRITING).each(renderPages())("$path is up to date", ({ path, text }) => {
  expect(readFileSync(path, "utf8"), basename(path)).toBe(text);
});

test.skipIf(IS_WRITING)("every endpoint is used by a test", () => {
  const coverage = readCoverage();
  expect(endpoints.filter((endpoint) => coverage[endpoint] === undefined)).toEqual([]);
});

test.skipIf(IS_WRITING)("the table of tests names nothing that is gone", () => {
  const coverage = readCoverage();
  expect(Object.keys(coverage).filter((endpoint) => !endpoints.includes(endpoint))).toEqual([]);
  const files = new Set(Object.values(coverage).flatMap((tests) => Object.keys(tests)));
  const missing = [...files].filter((file) => !existsSync(new URL(file, import.meta.url)));
  expect(missing).toEqual([]);
});

test("no endpoint is there twice, and none is declared that is not there", () => {
  expect(new Set(endpoints).size).toBe(endpoints.length);
  const declared = [...Object.keys(UNDOCUMENTED), ...Object.keys(WITHOUT_SCHEMA)];
  expect(declared.filter((endpoint) => !endpoints.includes(endpoint))).toEqual([]);
});
