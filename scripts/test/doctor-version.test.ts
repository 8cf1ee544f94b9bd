import { describe, expect, test } from "vitest";
import { checkVersion } from "../lib/doctor/version.ts";
import { findMark } from "../lib/upload-mark.ts";
import { FORBIDDEN, fakeSite, SCRIPTS, type Answers } from "./doctor-support.ts";

const SCRIPT = `${SCRIPTS}/visitor-tracker`;
const MARK = { project: "visitor-tracker", stack: "prod", inputs: "aa" };

function serving(inputs: string): Answers {
  const json = { ...MARK, inputs };
  return {
    [`${SCRIPT}/deployments`]: {
      deployments: [
        {
          id: "d1",
          created_on: "2026-11-24T12:00:00Z",
          source: "dash",
          versions: [{ version_id: "v1", percentage: 100 }],
        },
      ],
    },
    [`${SCRIPT}/versions/v1`]: {
      resources: { bindings: [{ type: "json", name: "DEPLOYED_BY", json }] },
    },
  };
}

describe("the version that serves", () => {
  test.each([
    ["aa", "ok", "version v1 serves since 2026-11-24T12:00:00Z (dash)"],
    [
      "bb",
      "warning",
      "not the one that this stack uploaded last: version v1 serves since 2026-11-24T12:00:00Z (dash)",
    ],
  ])("made of %s is %s when aa was uploaded last", async (inputs, level, found) => {
    const site = await fakeSite(serving(inputs), { isDeployed: true });
    expect(await checkVersion(site, MARK)).toMatchObject({ check: "version", level, found });
  });

  test("is not known when the state or the token does not tell", async () => {
    const site = await fakeSite({ [`${SCRIPT}/deployments`]: FORBIDDEN });
    expect(await checkVersion(site, undefined)).toMatchObject({ level: "skipped" });
    expect(await checkVersion(site, MARK)).toMatchObject({
      level: "skipped",
      found:
        "the token may not read which version serves (Account, Workers Scripts, Edit), so this is not known",
    });
  });
});

describe("the mark in a stack's state", () => {
  const bindings = [{ type: "json", name: "DEPLOYED_BY", json: JSON.stringify(MARK) }];
  const state = JSON.stringify({
    deployment: { resources: [{ type: "other" }, { outputs: { bindings } }] },
  });

  test("is the stack's own, whoever owns the stack", () => {
    expect(findMark(state, "prod")).toEqual(MARK);
    expect(findMark(state, "someone/visitor-tracker/prod")).toEqual(MARK);
    expect(findMark(state, "staging")).toBeUndefined();
  });

  test.each(["", "{", "[]", '{"deployment":{"resources":{}}}'])("is none in %j", (text) => {
    expect(findMark(text, "prod")).toBeUndefined();
  });
});
