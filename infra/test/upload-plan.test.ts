import { describe, expect, test } from "vitest";
import type { Migration } from "../src/ledger.ts";
import type { LastUpload, PreviousRun } from "../src/previous-run.ts";
import type { Serving } from "../src/serving.ts";
import {
  fingerprint,
  planUpload,
  type DeployedScript,
  type UploadPlanOptions,
} from "../src/upload-plan.ts";

const LEDGER: readonly Migration[] = [{ tag: "v1", newSqliteClasses: ["Page"] }];
const FIRST = { newTag: "v1", steps: [{ newSqliteClasses: ["Page"] }] };
const INPUTS = { contentSha256: "aa", bindings: [{ name: "A" }] };
const DEPLOYED: DeployedScript = {
  migrationTag: "v1",
  etag: "e1",
  modifiedOn: "2026-11-24T10:00:00.123456Z",
};
const LAST: LastUpload = {
  inputs: fingerprint(INPUTS),
  etag: "e1",
  modifiedOn: "2026-11-24T10:00:00.123456Z",
};
const PREVIOUS: PreviousRun = {
  scriptName: "tracker",
  accountId: "acc",
  isProtected: false,
  migrations: FIRST,
  lastUpload: LAST,
};

function plan(options: Partial<UploadPlanOptions> = {}) {
  return planUpload({
    ledger: LEDGER,
    accountId: "acc",
    scriptName: "tracker",
    inputs: INPUTS,
    deployed: DEPLOYED,
    previous: PREVIOUS,
    ...options,
  });
}

describe("what an upload says about migrations", () => {
  test("is the ledger on the first update", () => {
    expect(plan({ deployed: undefined, previous: undefined })).toEqual({
      inputs: fingerprint(INPUTS),
      migrations: FIRST,
    });
  });

  test("is repeated when nothing has changed, so that the second update is empty", () => {
    expect(plan()).toEqual({ inputs: fingerprint(INPUTS), migrations: FIRST });
  });

  test("is repeated when the list writes the same moment in another form", () => {
    const deployed = { ...DEPLOYED, modifiedOn: "2026-11-24T11:00:00.123+01:00" };
    expect(plan({ deployed }).migrations).toEqual(FIRST);
  });

  test.each<[string, Partial<UploadPlanOptions>]>([
    ["another input changed", { inputs: { ...INPUTS, contentSha256: "bb" } }],
    ["someone else uploaded", { deployed: { ...DEPLOYED, etag: "e2" } }],
    ["settings were changed by hand", { deployed: { ...DEPLOYED, modifiedOn: "2026-11-25" } }],
    ["the last update was interrupted", { previous: without("lastUpload", PREVIOUS) }],
    ["the last upload said nothing either", { previous: without("migrations", PREVIOUS) }],
    ["another stack or tool deployed the script", { previous: undefined }],
  ])("is nothing when the tag is deployed and %s", (_what, options) => {
    expect(plan(options)).not.toHaveProperty("migrations");
  });

  test("is the ledger again when the script was deleted by hand", () => {
    expect(plan({ deployed: undefined }).migrations).toEqual(FIRST);
  });

  test("is the new step when the ledger has grown, whatever was said last", () => {
    const ledger = [...LEDGER, { tag: "v2", newSqliteClasses: ["Site"] }];
    expect(plan({ ledger }).migrations).toEqual({
      oldTag: "v1",
      newTag: "v2",
      steps: [{ newSqliteClasses: ["Site"] }],
    });
  });
});

describe("an update that would destroy the script", () => {
  const HOW_TO_GO_ON =
    "To go on, say so: pulumi config set allowDataLoss tracker (a protected script first needs an update with: pulumi config set protect false).";

  test("is refused when the name changes", () => {
    expect(() => plan({ scriptName: "counter" })).toThrow(
      "This update would replace the script 'tracker' by 'counter': Cloudflare destroys the old script with all its Durable Objects and disconnects their visitors. " +
        `To keep it, go back: pulumi config set scriptName tracker. ${HOW_TO_GO_ON}`,
    );
  });

  test("is refused when the account changes, without naming either", () => {
    expect(() => plan({ accountId: "other" })).toThrow(
      "This update would move the script 'tracker' to another account: Cloudflare destroys the old script with all its Durable Objects and disconnects their visitors. " +
        `To keep it, go back: pulumi config set accountId <the account before>. ${HOW_TO_GO_ON}`,
    );
  });

  test("is refused after an interrupted update too", () => {
    expect(() =>
      plan({ scriptName: "counter", previous: without("lastUpload", PREVIOUS) }),
    ).toThrow("replace the script 'tracker' by 'counter'");
  });

  test("goes on when the old name is given up on purpose", () => {
    const options = { scriptName: "counter", deployed: undefined, allowDataLoss: ["tracker"] };
    expect(plan(options).migrations).toEqual(FIRST);
  });

  test("is refused while the script is protected, whatever is given up", () => {
    const previous = { ...PREVIOUS, isProtected: true };
    const act = () => plan({ scriptName: "counter", previous, allowDataLoss: ["tracker"] });
    expect(act).toThrow(
      "The script 'tracker' is protected, and its protection must be taken off in an update of its own. Nothing was changed. " +
        "Set scriptName and accountId back, and then: pulumi config rm allowDataLoss, pulumi config set protect false, pulumi up. After that, do what you want to do again.",
    );
  });

  test("is refused when another name is given up", () => {
    expect(() => plan({ scriptName: "counter", allowDataLoss: ["counter"] })).toThrow(
      "replace the script 'tracker' by 'counter'",
    );
  });

  test("goes on when the stack has no script yet", () => {
    const options = { scriptName: "counter", deployed: undefined, previous: undefined };
    expect(plan(options).migrations).toEqual(FIRST);
  });
});

describe("an update that would delete a class", () => {
  const ledger = [...LEDGER, { tag: "v2", deletedClasses: ["Page"] }];

  test("is refused, and told how to keep the objects", () => {
    expect(() => plan({ ledger })).toThrow(
      "This update would delete the Durable Object class Page, and Cloudflare destroys all its objects. Nothing was changed. " +
        "To keep them under another name, write renamedClasses instead of deletedClasses in that entry of the ledger. " +
        "To go on, say so: pulumi config set allowDataLoss Page (a protected script first needs an update with: pulumi config set protect false).",
    );
  });

  test("is refused when something else is given up", () => {
    expect(() => plan({ ledger, allowDataLoss: ["tracker"] })).toThrow("class Page");
  });

  test("goes on when the class is given up on purpose", () => {
    expect(plan({ ledger, allowDataLoss: ["Page"] }).migrations).toEqual({
      oldTag: "v1",
      newTag: "v2",
      steps: [{ deletedClasses: ["Page"] }],
    });
  });

  test("is refused while the script is protected", () => {
    const previous = { ...PREVIOUS, isProtected: true };
    expect(() => plan({ ledger, previous, allowDataLoss: ["Page"] })).toThrow(
      "The script 'tracker' is protected",
    );
  });

  test("goes on where the script is not there, and has no objects", () => {
    expect(plan({ ledger, deployed: undefined }).migrations?.newTag).toBe("v2");
  });

  test("is none when the class is renamed, which keeps the objects", () => {
    const renamed = [...LEDGER, { tag: "v2", renamedClasses: [{ from: "Page", to: "Room" }] }];
    expect(plan({ ledger: renamed }).migrations).toEqual({
      oldTag: "v1",
      newTag: "v2",
      steps: [{ renamedClasses: [{ from: "Page", to: "Room" }] }],
    });
  });
});

describe("fingerprint", () => {
  test("does not depend on the order of keys", () => {
    expect(fingerprint({ a: 1, b: { c: 2, d: 3 } })).toBe(fingerprint({ b: { d: 3, c: 2 }, a: 1 }));
  });

  test("depends on the order of lists and on every value", () => {
    const prints = [{ a: [1, 2] }, { a: [2, 1] }, { a: [1, 2], b: 0 }, { a: ["1", 2] }].map(
      fingerprint,
    );
    expect(new Set(prints).size).toBe(4);
  });
});

function without<T extends object, K extends keyof T>(key: K, value: T): Omit<T, K> {
  const { [key]: _removed, ...rest } = value;
  return rest;
}

/** What serves, by the fingerprint that its upload left. */
function servingBy(inputs: string | undefined): Serving {
  const mark = { project: "p", stack: "prod", ...(inputs === undefined ? {} : { inputs }) };
  return {
    deploymentId: "d2",
    since: "2026-11-24T12:00:00Z",
    madeBy: "wrangler",
    versions: [{ id: "v1", percentage: 100, mark }],
  };
}

describe("an upload that takes out of force what somebody put there", () => {
  const mark = { project: "p", stack: "prod", inputs: fingerprint(INPUTS) };
  const previous = { ...PREVIOUS, mark };
  test("names that deployment, and repeats no migration", () => {
    expect(plan({ previous, serving: servingBy("older") })).toEqual({
      inputs: fingerprint(INPUTS),
      replaces: "d2",
    });
    expect(plan({ previous, serving: servingBy(undefined) }).replaces).toBe("d2");
  });

  test("is not made when this stack's version serves", () => {
    const expected = { inputs: fingerprint(INPUTS), migrations: FIRST };
    expect(plan({ previous, serving: servingBy(mark.inputs) })).toEqual(expected);
    expect(plan({ previous, serving: undefined })).toEqual(expected);
  });

  test("is not made again: what it took out of force is said from then on", () => {
    const after = { ...previous, mark: { ...mark, replaces: "d2" } };
    expect(plan({ previous: after, serving: servingBy(mark.inputs) })).toEqual({
      inputs: fingerprint(INPUTS),
      migrations: FIRST,
      replaces: "d2",
    });
  });

  test("is not made for an upload of ours whose answer was lost", () => {
    const older = { ...previous, mark: { ...mark, inputs: "older" } };
    expect(plan({ previous: older, serving: servingBy(mark.inputs) }).replaces).toBeUndefined();
  });

  test("is not made for another version of the provider, which leaves the same fingerprint", () => {
    const inputs = { ...INPUTS, provider: "2" };
    const same = plan({ previous, inputs, mark: mark.inputs, serving: servingBy(mark.inputs) });
    expect(same.replaces).toBeUndefined();
  });

  test("is not made after one that left no fingerprint", () => {
    expect(plan({ previous: PREVIOUS, serving: servingBy(undefined) }).replaces).toBeUndefined();
  });
});
