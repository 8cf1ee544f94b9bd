import { expect, test } from "vitest";
import { emptyState } from "../src/model/state.ts";
import { applySeed, parseSeed } from "../src/seed.ts";
import { type Result, startTestCloud } from "./support/cloud.ts";
import { makeFolder } from "./support/folder.ts";

const SEED = {
  subdomain: "my-team",
  plan: "free",
  zones: [
    {
      name: "example.com",
      dnsRecords: [
        { type: "AAAA", name: "@", content: "100::", proxied: true },
        { type: "TXT", name: "www", content: "hello" },
      ],
    },
    { name: "example.org" },
  ],
} as const;

test.each([
  [[], "seed: [] is not allowed; give an object."],
  [{ zone: [] }, "'zone' is no field of seed; it has subdomain, plan, zones."],
  [
    { subdomain: "a.b" },
    'subdomain: "a.b" is not allowed; give one label of a host name, such as my-team.',
  ],
  [{ plan: "gold" }, 'plan: "gold" is not allowed; give free or paid.'],
  [{ zones: {} }, "zones: {} is not allowed; give a list."],
  [
    { zones: [{ name: "example.com" }, { name: "https://a.com" }] },
    'zones[1].name: "https://a.com" is not allowed; give a host name in lower case, such as example.com.',
  ],
  [
    { zones: [{ name: "a.com", dns: [] }] },
    "'dns' is no field of zones[0]; it has name, dnsRecords.",
  ],
  [
    { zones: [{ name: "a.com", dnsRecords: "x" }] },
    'zones[0].dnsRecords: "x" is not allowed; give a list.',
  ],
])("the seed %j is refused", (seed, message) => {
  expect(() => parseSeed(seed)).toThrow(new TypeError(message));
});

test("a record that the API would refuse is named", () => {
  const seed = parseSeed({
    zones: [{ name: "a.com", dnsRecords: [{ type: "A", name: "@", content: "nowhere" }] }],
  });
  expect(() => applySeed(emptyState(), seed)).toThrow(
    new TypeError(
      "zones[0].dnsRecords[0]: DNS Validation Error: content for A record must be a valid IPv4 address: 'nowhere'.",
    ),
  );
});

test("a seed twice is a seed once, and what is there besides stays", () => {
  const state = emptyState();
  applySeed(state, parseSeed({ zones: [{ name: "mine.example" }] }));
  applySeed(state, parseSeed(SEED));
  const once = structuredClone(state);
  applySeed(state, parseSeed(SEED));
  expect(state).toEqual(once);
  expect(state.zones.map(({ name }) => name)).toEqual([
    "mine.example",
    "example.com",
    "example.org",
  ]);
  expect(state.dnsRecords.map(({ name, type }) => `${type} ${name}`)).toEqual([
    "AAAA example.com",
    "TXT www.example.com",
  ]);
});

test("clients find what was seeded, also after a restart without the seed", async () => {
  const dir = await makeFolder();
  await (await startTestCloud({ dir, zones: [], seed: parseSeed(SEED) })).close();
  const cloud = await startTestCloud({ dir, zones: [] });
  const zones = await cloud.api<Result[]>("GET", "/zones");
  expect(zones.result.map(({ name }) => name)).toEqual(["example.com", "example.org"]);
  const records = await cloud.api<Result[]>(
    "GET",
    `/zones/${cloud.zoneId("example.com")}/dns_records`,
  );
  expect(records.result.map(({ content }) => content)).toEqual(["100::", "hello"]);
  const { result } = await cloud.api<{ subdomain: string }>(
    "GET",
    "/accounts/:account/workers/subdomain",
  );
  expect(result).toEqual({ subdomain: "my-team" });
});
