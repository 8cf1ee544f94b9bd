import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { containsPath, formatPath, parsePath } from "../provider/property-path.ts";
import { UNKNOWN, secret } from "../provider/values.ts";
import type { Properties } from "../provider/values.ts";
import { DOMAIN, RECORD, ROUTE, SCRIPT, SUBDOMAIN } from "./provider-fixture.ts";
import { scriptInputs, startFixture } from "./provider-fixture.ts";
import type { Fixture } from "./provider-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

const diffScript = (olds: Properties, news: Properties, ignoreChanges: string[] = []) =>
  fixture.engine.diff(SCRIPT, { inputs: olds }, news, { ignoreChanges });

const json = (name: string, text: string): Properties => ({ name, type: "json", json: text });

describe("Diff", () => {
  test("finds nothing between equal inputs, whatever the order of keys and the secrecy", async () => {
    const { scriptName, accountId, ...rest } = scriptInputs();
    const news = { scriptName: secret(scriptName ?? ""), accountId: accountId ?? "", ...rest };
    expect(await diffScript(scriptInputs(), news)).toEqual({
      changed: false,
      replaces: [],
      detailed: {},
    });
  });

  test("names the binding whose value changes", async () => {
    const olds = scriptInputs({ bindings: [json("A", "1"), json("B", '["https://a.example"]')] });
    const news = scriptInputs({ bindings: [json("A", "1"), json("B", '["https://b.example"]')] });
    const { detailed, replaces } = await diffScript(olds, news);
    expect(detailed).toEqual({ "bindings[1].json": "UPDATE" });
    expect(replaces).toEqual([]);
  });

  test("shows a binding put between others as that alone", async () => {
    const olds = scriptInputs({ bindings: [json("A", "1"), json("C", "3")] });
    const news = scriptInputs({ bindings: [json("A", "1"), json("B", "2"), json("C", "3")] });
    expect((await diffScript(olds, news)).detailed).toEqual({ "bindings[1]": "ADD" });
    expect((await diffScript(news, olds)).detailed).toEqual({ "bindings[1]": "DELETE" });
  });

  test("tells a changed binding from one put behind it", async () => {
    const olds = scriptInputs({ bindings: [json("A", "1"), json("C", "3")] });
    const news = scriptInputs({ bindings: [json("A", "2"), json("B", "2"), json("C", "3")] });
    const diff = { "bindings[0].json": "UPDATE", "bindings[1]": "ADD" };
    expect((await diffScript(olds, news)).detailed).toEqual(diff);
  });

  test("shows migrations that are no longer stated, and a new hash", async () => {
    const { migrations, ...news } = scriptInputs({ contentSha256: "f".repeat(64) });
    expect(migrations).toBeDefined();
    const { detailed } = await diffScript(scriptInputs(), news);
    expect(detailed).toEqual({ contentSha256: "UPDATE", migrations: "DELETE" });
  });

  test("counts a stated default as no change", async () => {
    const news = scriptInputs({ logpush: false, usageModel: "standard" });
    expect((await diffScript(scriptInputs(), news)).changed).toBe(false);
  });

  test("counts an unknown as a change", async () => {
    const news = scriptInputs({
      bindings: [json("ALLOWED_ORIGINS", UNKNOWN), { name: "PAGE_COUNTER", type: UNKNOWN }],
    });
    expect((await diffScript(scriptInputs(), news)).detailed).toEqual({
      "bindings[0].json": "UPDATE",
      "bindings[1].className": "DELETE",
      "bindings[1].type": "UPDATE",
    });
  });

  test("leaves out what is to be ignored", async () => {
    const olds = scriptInputs({ bindings: [json("A", "1")], logpush: true });
    const news = scriptInputs({ bindings: [json("A", "2")], logpush: false });
    const { detailed } = await diffScript(olds, news, ["bindings[*].json"]);
    expect(detailed).toEqual({ logpush: "UPDATE" });
    expect((await diffScript(olds, news, ["bindings", "logpush"])).changed).toBe(false);
  });

  test.each([
    [SCRIPT, "scriptName", scriptInputs()],
    [SCRIPT, "accountId", scriptInputs()],
    [ROUTE, "zoneId", { zoneId: "z", pattern: "p", script: "s" }],
    [SUBDOMAIN, "scriptName", { accountId: "a", scriptName: "s", enabled: true }],
    [RECORD, "zoneId", { zoneId: "z", name: "n", type: "A", ttl: 1, content: "192.0.2.1" }],
    [DOMAIN, "service", { accountId: "a", hostname: "h", service: "s" }],
    [DOMAIN, "hostname", { accountId: "a", hostname: "h", service: "s" }],
  ])("%s is made anew when its %s changes", async (type, name, inputs: Properties) => {
    const diff = await fixture.engine.diff(type, { inputs }, { ...inputs, [name]: "other" });
    expect(diff).toEqual({
      changed: true,
      replaces: [name],
      detailed: { [name]: "UPDATE_REPLACE" },
    });
    const unknown = await fixture.engine.diff(type, { inputs }, { ...inputs, [name]: UNKNOWN });
    expect(unknown.replaces).toEqual([name]);
  });

  test.each([
    [ROUTE, "script", { zoneId: "z", pattern: "p", script: "s" }],
    [ROUTE, "pattern", { zoneId: "z", pattern: "p", script: "s" }],
    [RECORD, "content", { zoneId: "z", name: "n", type: "A", ttl: 1, content: "192.0.2.1" }],
    [SUBDOMAIN, "enabled", { accountId: "a", scriptName: "s", enabled: true }],
  ])("%s is updated when its %s changes", async (type, name, inputs: Properties) => {
    const diff = await fixture.engine.diff(type, { inputs }, { ...inputs, [name]: "other" });
    expect(diff).toEqual({ changed: true, replaces: [], detailed: { [name]: "UPDATE" } });
  });

  test("takes what the API chose for no change until the program states something else", async () => {
    const inputs = { accountId: "a", hostname: "h", service: "s" };
    const state = { inputs, outputs: { ...inputs, zoneId: "z1" } };
    expect((await fixture.engine.diff(DOMAIN, state, inputs)).changed).toBe(false);
    const same = await fixture.engine.diff(DOMAIN, state, { ...inputs, zoneId: "z1" });
    expect(same.changed).toBe(false);
    const other = await fixture.engine.diff(DOMAIN, state, { ...inputs, zoneId: "z2" });
    expect(other.detailed).toEqual({ zoneId: "UPDATE_REPLACE" });
  });
});

describe("previews", () => {
  const outputs: Properties = {
    ...scriptInputs(),
    createdOn: "2026-01-01T00:00:00Z",
    modifiedOn: "2026-01-01T00:00:00Z",
    etag: "e1",
    migrationTag: "v1",
    handlers: ["fetch"],
  };
  const state = { inputs: scriptInputs(), outputs };

  test("of a creation know the inputs and nothing that the API chooses", async () => {
    const { id, outputs: preview } = await fixture.engine.create(SCRIPT, scriptInputs(), {
      preview: true,
    });
    expect(id).toBe("");
    expect(preview).toMatchObject({ ...scriptInputs(), usageModel: "standard", logpush: false });
    expect(preview["etag"]).toBe(UNKNOWN);
    expect(preview["createdOn"]).toBe(UNKNOWN);
    expect(fixture.api.calls()).toEqual([]);
  });

  test("of an update know what cannot change", async () => {
    const news = scriptInputs({ bindings: [json("A", "1")] });
    const preview = await fixture.engine.update(SCRIPT, "counter", state, news, { preview: true });
    expect(preview).toMatchObject({
      scriptName: "counter",
      createdOn: "2026-01-01T00:00:00Z",
      migrationTag: "v1",
      handlers: ["fetch"],
      etag: UNKNOWN,
      modifiedOn: UNKNOWN,
    });
  });

  test("of an update that migrates do not know the tag", async () => {
    const news = scriptInputs({ migrations: { oldTag: "v1", newTag: "v2", steps: [] } });
    const preview = await fixture.engine.update(SCRIPT, "counter", state, news, { preview: true });
    expect(preview["migrationTag"]).toBe(UNKNOWN);
    expect(preview["handlers"]).toEqual(["fetch"]);
  });

  test("do not know what the API will choose for a new custom domain", async () => {
    const inputs = { accountId: "a", hostname: "h", service: "s" };
    const { outputs: preview } = await fixture.engine.create(DOMAIN, inputs, { preview: true });
    expect(preview).toEqual({
      ...inputs,
      certId: UNKNOWN,
      environment: UNKNOWN,
      zoneId: UNKNOWN,
      zoneName: UNKNOWN,
    });
  });
});

describe("property paths", () => {
  test.each([
    ["bindings[1].json", ["bindings", 1, "json"]],
    ['tags["a.b"][0]', ["tags", "a.b", 0]],
    ['["x\\"y"].z', ['x"y', "z"]],
  ])("%s is read and written", (text, path) => {
    expect(parsePath(text)).toEqual(path);
    expect(formatPath(path)).toBe(text);
  });

  test("that are malformed are none", () => {
    expect(parsePath("a[b")).toBeNull();
  });

  test("contain what is inside them", () => {
    expect(containsPath(["a", "*"], ["a", 3, "b"])).toBe(true);
    expect(containsPath(["a", "b"], ["a"])).toBe(false);
  });
});
