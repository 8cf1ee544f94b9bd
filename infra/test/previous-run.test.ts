import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePreviousRun } from "../src/previous-run.ts";

const PARENT = "urn:pulumi:prod::visitor-tracker::visitor-tracker:index:VisitorTracker";
const COMPONENT = `${PARENT}::visitor-tracker`;
const SCRIPT = `${PARENT}$cloudflare:index/workersScript:WorkersScript::visitor-tracker`;
const MIGRATIONS = { newTag: "v1", steps: [{ newSqliteClasses: ["Page"] }] };
const LAST_UPLOAD = { inputs: "aa", etag: "e1", modifiedOn: "2026-11-24T10:00:00Z" };

/** A stack's state as the engine answers, with some outputs changed. */
function state({ script = {}, component = {} }: { script?: object; component?: object } = {}) {
  return {
    outputs: {
      "urn:pulumi:prod::visitor-tracker::pulumi:pulumi:Stack::visitor-tracker-prod": {
        type: "pulumi:pulumi:Stack",
        outputs: { scriptName: "not this one" },
      },
      [`${SCRIPT}-other`]: {
        type: "cloudflare:index/workersScript:WorkersScript",
        outputs: { scriptName: "nor this", accountId: "acc" },
      },
      [COMPONENT]: {
        type: "visitor-tracker:index:VisitorTracker",
        outputs: { lastUpload: LAST_UPLOAD, ...component },
      },
      [SCRIPT]: {
        type: "cloudflare:index/workersScript:WorkersScript",
        outputs: {
          scriptName: "tracker",
          accountId: "acc",
          migrations: MIGRATIONS,
          etag: "after a refresh",
          ...script,
        },
      },
    },
  };
}

describe("the previous run", () => {
  test("is the component's script, and what its upload was made of", () => {
    expect(parsePreviousRun(state(), "visitor-tracker")).toEqual({
      scriptName: "tracker",
      accountId: "acc",
      isProtected: true,
      migrations: MIGRATIONS,
      lastUpload: LAST_UPLOAD,
    });
  });

  test("has the mark that its upload left on the script", () => {
    const mark = { project: "visitor-tracker", stack: "prod", inputs: "aa", replaces: "d1" };
    const bindings = [{ type: "json", name: "DEPLOYED_BY", json: JSON.stringify(mark) }];
    const previous = parsePreviousRun(state({ script: { bindings } }), "visitor-tracker");
    expect(previous?.mark).toEqual(mark);
  });

  test("is of a script without protection when that was uploaded to be deleted by force", () => {
    const previous = parsePreviousRun(state({ script: { force: true } }), "visitor-tracker");
    expect(previous?.isProtected).toBe(false);
  });

  test("is nothing when the state has no script of that component", () => {
    expect(parsePreviousRun({ outputs: {} }, "visitor-tracker")).toBeUndefined();
    expect(parsePreviousRun(state(), "another")).toBeUndefined();
  });

  test("is the script alone when its upload was interrupted", () => {
    expect(
      parsePreviousRun(state({ component: { lastUpload: undefined } }), "visitor-tracker"),
    ).toEqual({
      scriptName: "tracker",
      accountId: "acc",
      isProtected: true,
      migrations: MIGRATIONS,
    });
  });

  test.each(["inputs", "etag", "modifiedOn"])("ignores an upload without %s", (key) => {
    const lastUpload = { ...LAST_UPLOAD, [key]: undefined };
    expect(parsePreviousRun(state({ component: { lastUpload } }), "visitor-tracker")).toEqual({
      scriptName: "tracker",
      accountId: "acc",
      isProtected: true,
      migrations: MIGRATIONS,
    });
  });

  test("drops migrations that it cannot read, which costs one upload and no more", () => {
    expect(parsePreviousRun(state({ script: { migrations: ["v1"] } }), "visitor-tracker")).toEqual({
      scriptName: "tracker",
      accountId: "acc",
      isProtected: true,
      lastUpload: LAST_UPLOAD,
    });
  });

  test("never throws", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(parsePreviousRun(value, "visitor-tracker")).toBeUndefined();
        expect(parsePreviousRun({ outputs: value }, "visitor-tracker")).toBeUndefined();
      }),
    );
  });
});
