import { describe, expect, test } from "vitest";
import { type Result, startSharedCloud, uniqueHost, uniqueName } from "./support/cloud.ts";

const cloud = await startSharedCloud();
const RECORDS = `/zones/${cloud.zoneId("localhost")}/dns_records`;

describe("zones", () => {
  test("a zone is found by name, with the id that stack configs may name", async () => {
    const { result, resultInfo } = await cloud.api<Result[]>(
      "GET",
      "/zones?name=visitors.localhost",
    );
    expect(result.map(({ id, name }) => ({ id, name }))).toEqual([
      { id: cloud.zoneId("visitors.localhost"), name: "visitors.localhost" },
    ]);
    expect(resultInfo).toEqual({ page: 1, per_page: 20, count: 1, total_count: 1, total_pages: 1 });
  });

  test("the page after the last is empty, so that clients stop", async () => {
    const { result } = await cloud.api("GET", `/zones?account.id=${cloud.accountId}&page=2`);
    expect(result).toEqual([]);
  });

  test.each([
    [1, ["localhost"]],
    [2, ["visitors.localhost"]],
    [3, []],
  ])("page %i has the size that was asked for", async (number, names) => {
    const { result } = await cloud.api<Result[]>("GET", `/zones?per_page=1&page=${number}`);
    expect(result.map(({ name }) => name)).toEqual(names);
  });

  test("zones of another account are none", async () => {
    expect((await cloud.api("GET", `/zones?account.id=${"0".repeat(32)}`)).result).toEqual([]);
  });

  test("an unknown zone is 7003, whatever is asked of it", async () => {
    for (const path of ["", "/workers/routes", "/dns_records"]) {
      const { status, errors } = await cloud.api("GET", `/zones/nowhere${path}`);
      expect({ status, code: errors[0]?.code }).toEqual({ status: 404, code: 7003 });
    }
  });
});

describe("DNS records", () => {
  test("a record comes back with its full name", async () => {
    const name = uniqueName();
    const body = { name, type: "AAAA", content: "100::", proxied: true, ttl: 1 };
    const { result } = await cloud.api("POST", RECORDS, body);
    expect(result).toEqual({
      id: result.id,
      name: `${name}.localhost`,
      type: "AAAA",
      content: "100::",
      proxied: true,
      ttl: 1,
      comment: null,
      tags: [],
      settings: {},
      meta: {},
      proxiable: true,
      created_on: result.created_on,
      modified_on: result.modified_on,
    });
    expect((await cloud.api("GET", `${RECORDS}/${result.id}`)).result).toEqual(result);
    expect((await cloud.api("GET", `${RECORDS}?name=${name}.localhost`)).result).toEqual([result]);
  });

  test("@ is the zone itself", async () => {
    const { result } = await cloud.api("POST", RECORDS, {
      name: "@",
      type: "TXT",
      content: "Hello",
      ttl: 300,
    });
    expect({ name: result.name, content: result.content }).toEqual({
      name: "localhost",
      content: "Hello",
    });
  });

  test("an update replaces a record, a patch changes a part of it", async () => {
    const name = uniqueHost();
    const { result } = await cloud.api("POST", RECORDS, {
      name,
      type: "A",
      content: "192.0.2.1",
      ttl: 300,
      comment: "a",
    });
    const path = `${RECORDS}/${result.id}`;
    const patched = await cloud.api("PATCH", path, { content: "192.0.2.2" });
    expect(patched.result).toMatchObject({ content: "192.0.2.2", ttl: 300, comment: "a" });
    const replaced = await cloud.api("PUT", path, {
      name,
      type: "A",
      content: "192.0.2.3",
      ttl: 1,
      settings: {},
      tags: [],
    });
    expect(replaced.result).toMatchObject({
      id: result.id,
      content: "192.0.2.3",
      ttl: 1,
      comment: null,
    });
    expect((await cloud.api("DELETE", path)).result).toEqual({ id: result.id });
    expect((await cloud.api("GET", path)).errors).toEqual([
      { code: 81044, message: "Record does not exist." },
    ]);
  });

  test("the same record twice, and a CNAME beside an address, are refused", async () => {
    const name = uniqueHost();
    const record = { name, type: "A", content: "192.0.2.1", ttl: 1 };
    await cloud.api("POST", RECORDS, record);
    expect((await cloud.api("POST", RECORDS, record)).errors[0]?.code).toBe(81058);
    const alias = { name, type: "CNAME", content: "example.com", ttl: 1 };
    expect((await cloud.api("POST", RECORDS, alias)).errors[0]?.code).toBe(81053);
    expect((await cloud.api("POST", RECORDS, { ...record, content: "192.0.2.2" })).status).toBe(
      200,
    );
  });

  test.each([
    [
      { type: "A", content: "not an address" },
      1004,
      "DNS Validation Error: content for A record must be a valid IPv4 address: 'not an address'.",
    ],
    [
      { type: "AAAA", content: "192.0.2.1" },
      1004,
      "DNS Validation Error: content for AAAA record must be a valid IPv6 address: '192.0.2.1'.",
    ],
    [
      { type: "TXT", content: "x", proxied: true },
      1004,
      "DNS Validation Error: a record of type TXT cannot be proxied.",
    ],
    [
      { type: "A", content: "192.0.2.1", ttl: 5 },
      1004,
      "DNS Validation Error: ttl must be between 60 and 86400 seconds, or 1 for automatic: 5.",
    ],
    [
      { type: "LOC", content: "x" },
      1004,
      "DNS Validation Error: records of type 'LOC' are not supported by the local cloud; it has A, AAAA, CNAME, MX, NS, PTR, TXT.",
    ],
    [{ type: "A" }, 10001, "content: is required"],
  ])("%j is refused", async (body, code, message) => {
    const { status, errors } = await cloud.api("POST", RECORDS, { name: uniqueHost(), ...body });
    expect({ status, errors }).toEqual({ status: 400, errors: [{ code, message }] });
  });
});
