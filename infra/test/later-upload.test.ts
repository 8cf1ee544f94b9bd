import { expect, test } from "vitest";
import { describeLaterUpload, type LaterUploadOptions } from "../src/later-upload.ts";

const MIGRATIONS = { newTag: "v1", steps: [{ newSqliteClasses: ["Page"] }] };
const LAST = { inputs: "i1", etag: "e1", modifiedOn: "2026-11-24T10:00:00Z" };
const STACK = { scriptName: "tracker", accountId: "acc", isProtected: false };
const PREVIOUS = { ...STACK, lastUpload: LAST };
const LATER = { etag: "e2", modifiedOn: "2026-11-24T12:00:00Z" };

function describeUpload(options: Partial<LaterUploadOptions>): string | undefined {
  const plan = { inputs: "i1" };
  return describeLaterUpload({
    scriptName: "tracker",
    plan,
    deployed: LATER,
    previous: PREVIOUS,
    serving: undefined,
    ...options,
  });
}

const SAID =
  "The script 'tracker' was uploaded at 2026-11-24T12:00:00Z, after the last update of this stack that ended well: " +
  "by hand, by another tool, or by an update whose answer was lost. ";
const LEAVES =
  "This update leaves it as it is; to put this stack's version in its place: pulumi up --refresh.";
const REPLACES = "This update replaces it.";

test("a script that somebody uploaded meanwhile is left as it is, and that is said", () => {
  expect(describeUpload({})).toBe(SAID + LEAVES);
});

test.each<[string, Partial<LaterUploadOptions>]>([
  ["the code or config has changed, too", { plan: { inputs: "i2" } }],
  ["a migration is pending", { plan: { inputs: "i1", migrations: MIGRATIONS } }],
  ["the last upload's migrations go", { previous: { ...PREVIOUS, migrations: MIGRATIONS } }],
])("it is said that the update replaces it when %s", (_why, options) => {
  expect(describeUpload(options)).toBe(SAID + REPLACES);
});

test.each<[string, Partial<LaterUploadOptions>]>([
  ["nobody uploaded since", { deployed: { ...LATER, etag: "e1" } }],
  ["the account has no script", { deployed: undefined }],
  ["the stack has none", { previous: undefined }],
  ["the last update was cut off", { previous: STACK }],
  ["it is an older one", { deployed: { etag: "e0", modifiedOn: "2026-11-24T09:00:00Z" } }],
])("nothing is said when %s", (_why, options) => {
  expect(describeUpload(options)).toBeUndefined();
});

test("a version that was put back is named, with who did it, and that the update replaces it", () => {
  const mark = { project: "p", stack: "prod", inputs: "i1" };
  const serving = {
    deploymentId: "d2",
    since: "2026-11-24T12:00:00Z",
    madeBy: 'wrangler: "Rollback"',
    versions: [{ id: "v1", percentage: 100, mark: { ...mark, inputs: "i0" } }],
  };
  expect(describeUpload({ serving, previous: { ...PREVIOUS, mark } })).toBe(
    "The script 'tracker' does not serve what the last update of this stack uploaded: " +
      'version v1 serves since 2026-11-24T12:00:00Z (wrangler: "Rollback"). ' +
      "This update replaces it by this stack's version. To keep it, do not update, and let code and config say the same.",
  );
});

test("nothing is said when what serves is known to be this stack's", () => {
  const mark = { project: "p", stack: "prod", inputs: "i1" };
  const versions = [{ id: "v1", percentage: 100, mark }];
  const serving = { deploymentId: "d2", since: "then", madeBy: "api", versions };
  expect(describeUpload({ serving, previous: { ...PREVIOUS, mark } })).toBeUndefined();
});
