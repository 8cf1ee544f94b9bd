import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JOURNAL_ENTRIES, type JournalEntry, createJournal } from "../src/journal.ts";
import { mask, maskAll, maskPath } from "../src/mask.ts";
import { makeFolder } from "./support/folder.ts";

const REQUEST: Omit<JournalEntry, "number"> = {
  at: "2026-11-24T00:00:00.000Z",
  method: "GET",
  path: "/client/v4/zones",
  endpoint: "/zones",
  status: 200,
  durationMs: 1,
  userAgent: "test",
  requestBytes: 0,
  request: null,
  responseBytes: 2,
  response: {},
  errors: [],
  fault: false,
};

function agents(file: string): unknown[] {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line).userAgent);
}

test("secrets are masked wherever they are, and nothing else", () => {
  const bindings = [
    { type: "secret_text", name: "KEY", text: "hush" },
    { type: "secret_key", name: "SIGN", key_base64: "hush", key_jwk: { k: "hush" } },
    { type: "secret_text", name: "WRONG", value: "hush" },
    { type: "plain_text", name: "API_TOKEN", text: "hush" },
    { type: "plain_text", name: "GREETING", text: "hello" },
    { type: "json", name: "SETTINGS", json: { password: "hush", limit: 5 } },
  ];
  expect(mask({ bindings, keep_bindings: ["secret_text"], migrations: { new_tag: "v1" } })).toEqual(
    {
      bindings: [
        { type: "secret_text", name: "KEY", text: "***" },
        { type: "secret_key", name: "SIGN", key_base64: "***", key_jwk: "***" },
        { type: "secret_text", name: "WRONG", value: "***" },
        { type: "plain_text", name: "API_TOKEN", text: "***" },
        { type: "plain_text", name: "GREETING", text: "hello" },
        { type: "json", name: "SETTINGS", json: { password: "***", limit: 5 } },
      ],
      keep_bindings: ["secret_text"],
      migrations: { new_tag: "v1" },
    },
  );
});

test.each([
  "API_TOKEN",
  "STRIPE_SECRET",
  "DB_PASSWORD",
  "DB_PASSWD",
  "SIGNING_KEY",
  "KEY",
  "KEYS_2026",
  "signingKey",
  "AWS_CREDENTIALS",
  "AUTHORIZATION",
])("the JSON of a binding that is named %s is masked", (name) => {
  expect(mask([{ type: "json", name, json: '{"value":"hush"}' }])).toEqual([
    { type: "json", name, json: "***" },
  ]);
  expect(mask([{ type: "json", name, json: { value: ["hush"] } }])).toEqual([
    { type: "json", name, json: "***" },
  ]);
});

test.each([
  { type: "json", name: "ALLOWED_ORIGINS", json: ["https://a.example"] },
  { type: "json", name: "SETTINGS", json: { staleAfterSeconds: 45 } },
  { type: "json", name: "KEYBOARD", json: "qwerty" },
  { type: "plain_text", name: "AUTHOR", text: "Ada" },
  { type: "durable_object_namespace", name: "TOKEN_BUCKET", class_name: "Bucket" },
])("the binding %j stays readable", (binding) => {
  expect(mask([binding])).toEqual([binding]);
});

test("of what endpoints for secrets take, names and types are all that stays", () => {
  expect(
    maskAll({
      name: "A",
      type: "secret_text",
      text: "hush",
      usages: ["hush"],
      algorithm: { n: 1 },
    }),
  ).toEqual({
    name: "A",
    type: "secret_text",
    text: "***",
    usages: ["***"],
    algorithm: { n: "***" },
  });
  expect(maskAll({ secrets: { A: "hush", B: null } })).toEqual({ secrets: { A: "***", B: null } });
});

test("the contents of modules in JSON become their size and hash", () => {
  const modules = [{ name: "a.js", content_type: "text/plain", content_base64: "aGk=" }];
  expect(mask({ modules })).toEqual({
    modules: [
      {
        name: "a.js",
        content_type: "text/plain",
        content: {
          sizeBytes: 2,
          sha256: "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4",
        },
      },
    ],
  });
});

test("secrets in a query are masked", () => {
  expect(maskPath("/zones?name=a.com&api_token=hush")).toBe("/zones?name=a.com&api_token=***");
  expect(maskPath("/zones")).toBe("/zones");
});

test("memory keeps the last entries, numbered from the first of this run", async () => {
  const journal = createJournal(join(await makeFolder(), "journal.ndjson"));
  for (let index = 0; index < JOURNAL_ENTRIES + 5; index++) journal.add(REQUEST);
  expect(journal.entries.length).toBe(JOURNAL_ENTRIES);
  expect(journal.entries[0]?.number).toBe(6);
  expect(journal.entries.at(-1)?.number).toBe(JOURNAL_ENTRIES + 5);
});

test("the file is set aside before it grows beyond its bound, across runs", async () => {
  const file = join(await makeFolder(), "journal.ndjson");
  const line = JSON.stringify({ number: 1, ...REQUEST }).length + 1;
  const options = { maxFileBytes: 2 * line };
  const first = createJournal(file, options);
  first.add({ ...REQUEST, userAgent: "a" });
  createJournal(file, options).add({ ...REQUEST, userAgent: "b" });
  createJournal(file, options).add({ ...REQUEST, userAgent: "c" });
  expect(agents(`${file}.old`)).toEqual(["a", "b"]);
  expect(agents(file)).toEqual(["c"]);
});

test("whoever listens is told each entry until they stop listening", async () => {
  const journal = createJournal(join(await makeFolder(), "journal.ndjson"));
  const heard: number[] = [];
  const stop = journal.subscribe(({ number }) => heard.push(number));
  journal.add(REQUEST);
  journal.add(REQUEST);
  stop();
  journal.add(REQUEST);
  expect(heard).toEqual([1, 2]);
});
