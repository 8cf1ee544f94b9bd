import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UNKNOWN, secret } from "../provider/values.ts";
import { CODE_SHA256, DOMAIN, RECORD, ROUTE, SCRIPT } from "./provider-fixture.ts";
import { scriptInputs, startFixture } from "./provider-fixture.ts";
import type { Fixture } from "./provider-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

const failuresOf = async (type: string, news: Parameters<Fixture["engine"]["check"]>[1]) =>
  (await fixture.engine.check(type, news)).failures;

describe("Check", () => {
  test("passes good inputs on as they are", async () => {
    const checked = await fixture.engine.check(SCRIPT, scriptInputs());
    expect(checked).toEqual({ inputs: scriptInputs(), failures: [] });
  });

  test("refuses inputs that it does not know, at any depth, with their path", async () => {
    const news = scriptInputs({
      bindings: [{ name: "A", type: "json", json: "1", jsn: "2" }],
      observability: { enabled: true, log: {} },
      scriptname: "x",
    });
    expect(await failuresOf(SCRIPT, news)).toEqual([
      expect.stringMatching(/^bindings\[0\]\.jsn: unknown property; known are algorithm, /),
      "observability.log: unknown property; known are enabled, headSamplingRate, issues, logs, traces",
      expect.stringMatching(/^scriptname: unknown property; known are accountId, /),
    ]);
  });

  test("refuses inputs of the real provider that it does not cover", async () => {
    expect(await failuresOf(SCRIPT, scriptInputs({ keepAssets: true }))).toEqual([
      "keepAssets: the local stand-in for the Cloudflare provider does not know this input; leave it out on the local stack, or use the real plugin",
    ]);
  });

  test("names every required input that is missing", async () => {
    expect(await failuresOf(ROUTE, { script: "counter" })).toEqual([
      "zoneId: required, but not set",
      "pattern: required, but not set",
    ]);
  });

  test("refuses wrong types without showing a secret's value", async () => {
    const news = scriptInputs({
      logpush: "yes",
      compatibilityFlags: "no_web_socket_compression",
      limits: [5],
      scriptName: secret(7),
    });
    expect(await failuresOf(SCRIPT, news)).toEqual([
      "compatibilityFlags: expected a list, got a string",
      "limits: expected an object, got a list",
      "logpush: expected a boolean, got a string",
      "scriptName: expected a string, got a number",
    ]);
  });

  test("refuses an empty part of a path, a fraction, and text that is not JSON", async () => {
    const news = scriptInputs({
      accountId: "",
      limits: { cpuMs: 1.5 },
      bindings: [{ name: "A", type: "json", json: "{a" }],
    });
    expect(await failuresOf(SCRIPT, news)).toEqual([
      "accountId: is empty; it is part of the request's path",
      "bindings[0].json: is not JSON; write JSON.stringify(value)",
      "limits.cpuMs: expected a whole number, got 1.5",
    ]);
  });

  test.each([
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  ])("takes the unknown %s for any input", async (unknown) => {
    const news = scriptInputs({
      accountId: unknown,
      logpush: unknown,
      bindings: [{ name: "A", type: "json", json: unknown }, unknown],
      limits: { cpuMs: unknown },
      observability: unknown,
      contentSha256: unknown,
    });
    expect(await fixture.engine.check(SCRIPT, news)).toEqual({ inputs: news, failures: [] });
  });

  test("keeps secrets marked, and marks a binding's text itself", async () => {
    const json = secret('["https://a.example"]');
    const news = scriptInputs({
      bindings: [
        { name: "A", type: "json", json },
        { name: "B", type: "secret_text", text: "hunter2" },
      ],
    });
    const { inputs, failures } = await fixture.engine.check(SCRIPT, news);
    expect(failures).toEqual([]);
    expect(inputs["bindings"]).toEqual([
      { name: "A", type: "json", json },
      { name: "B", type: "secret_text", text: secret("hunter2") },
    ]);
  });

  test("ignores what the real provider keeps in a state for itself", async () => {
    const news = { zoneId: "z", pattern: "a.example/*", __defaults: [], __meta: "{}" };
    expect(await fixture.engine.check(ROUTE, news)).toEqual({
      inputs: { zoneId: "z", pattern: "a.example/*" },
      failures: [],
    });
  });

  test("refuses a proxied record with a ttl of its own", async () => {
    const news = { zoneId: "z", name: "a", type: "AAAA", content: "100::", proxied: true };
    expect(await failuresOf(RECORD, { ...news, ttl: 60 })).toEqual([
      "ttl: 60 with proxied; a proxied record has ttl 1",
    ]);
    expect(await failuresOf(RECORD, { ...news, ttl: 1 })).toEqual([]);
    expect(await failuresOf(RECORD, { ...news, ttl: UNKNOWN })).toEqual([]);
  });

  test("asks no more of a custom domain than the real provider", async () => {
    const news = { accountId: "acc", hostname: "count.example", service: "counter" };
    expect(await failuresOf(DOMAIN, news)).toEqual([]);
  });
});

describe("a script's code", () => {
  test("must be in the file when the preview runs", async () => {
    const news = scriptInputs({ contentFile: "missing.js" });
    expect(await failuresOf(SCRIPT, news)).toEqual([
      expect.stringMatching(
        /^contentFile: 'missing\.js' cannot be read \(ENOENT: .+\); build it first$/,
      ),
    ]);
  });

  test("must have the stated hash", async () => {
    const stated = "0".repeat(64);
    expect(await failuresOf(SCRIPT, scriptInputs({ contentSha256: stated }))).toEqual([
      `contentSha256: '${stated}' is not the hash of contentFile 'worker.js', which is '${CODE_SHA256}'; compute it from the bytes that were written last`,
    ]);
  });

  test("comes from one place, with its hash where that is a file", async () => {
    const { contentFile, contentSha256, ...rest } = scriptInputs();
    expect(await failuresOf(SCRIPT, { ...rest })).toEqual([
      "contentFile: required (or content); it names the bundle to upload",
    ]);
    expect(await failuresOf(SCRIPT, { ...rest, contentFile: contentFile ?? null })).toEqual([
      "contentSha256: required with contentFile; a change of the code shows by it",
    ]);
    expect(await failuresOf(SCRIPT, scriptInputs({ content: "x" }))).toEqual([
      "content and contentFile: state one of them",
    ]);
    expect(contentSha256).toBe(CODE_SHA256);
  });
});
