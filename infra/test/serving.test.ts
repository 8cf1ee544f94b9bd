import { expect, test } from "vitest";
import type { Answer } from "../src/cloudflare-api.ts";
import { describeServing, isForeign, readServing, type Serving } from "../src/serving.ts";

const SCRIPT = "/accounts/acc/workers/scripts/tracker";
const MARK = { project: "p", stack: "prod", inputs: "i1" };

function marked(json: unknown): object {
  return { resources: { bindings: [{ type: "json", name: "DEPLOYED_BY", json }] } };
}

/** What serves, by an API that gives these results by path below the script. */
async function read(results: { readonly [path: string]: unknown }) {
  const get = async (path: string): Promise<Answer> => {
    const result = results[path.replace(`${SCRIPT}/`, "")];
    return result === undefined
      ? { kind: "refused", status: 404, code: 10_007, message: `no ${path}` }
      : { kind: "given", result };
  };
  return readServing(get, { accountId: "acc", scriptName: "tracker" });
}

function deployments(...versions: readonly (readonly [id: string, percentage: number])[]): object {
  const newest = {
    id: "d2",
    created_on: "2026-11-24T12:00:00Z",
    source: "wrangler",
    annotations: { "workers/message": "back\u001b[2J" },
    versions: versions.map(([version_id, percentage]) => ({ version_id, percentage })),
  };
  return { deployments: [newest, { id: "d1", versions: [{ version_id: "v9", percentage: 100 }] }] };
}

async function serving(results: { readonly [path: string]: unknown }): Promise<Serving> {
  const found = await read(results);
  if (found === undefined || !("versions" in found)) throw new Error("nothing serves");
  return found;
}

test("what serves is the newest deployment, with the mark that its upload left", async () => {
  const found = await serving({
    deployments: deployments(["v1", 100]),
    "versions/v1": marked({ ...MARK, replaces: "d0" }),
  });
  expect(found).toEqual({
    deploymentId: "d2",
    since: "2026-11-24T12:00:00Z",
    madeBy: 'wrangler: "back\\u001b[2J"',
    versions: [{ id: "v1", percentage: 100, mark: { ...MARK, replaces: "d0" } }],
  });
  expect(describeServing(found)).toBe(
    'version v1 serves since 2026-11-24T12:00:00Z (wrangler: "back\\u001b[2J")',
  );
});

test("a refusal of the API is told", async () => {
  expect(await read({})).toMatchObject({ kind: "refused", message: `no ${SCRIPT}/deployments` });
  expect(await read({ deployments: deployments(["v1", 100]) })).toMatchObject({
    kind: "refused",
    message: `no ${SCRIPT}/versions/v1`,
  });
});

test.each([
  [{ deployments: { deployments: [] } }],
  [{ deployments: [] }],
  [{ deployments: { deployments: [{ versions: [] }] } }],
  [{ deployments: deployments(["v1", 100]), "versions/v1": { resources: { bindings: {} } } }],
])("nothing follows from %j", async (results) => {
  expect(await read(results)).toBeUndefined();
});

test("requests that are split are the stack's own only when every part is", async () => {
  const results = (json: unknown): object => ({
    deployments: deployments(["v1", 90], ["v2", 10]),
    "versions/v1": marked(MARK),
    "versions/v2": marked(json),
  });
  const own = await serving({ ...results(MARK) });
  expect(isForeign(own, MARK)).toBe(false);
  const split = await serving({ ...results({ ...MARK, inputs: "i2" }) });
  expect(isForeign(split, MARK)).toBe(true);
  expect(isForeign(split, MARK, "i2")).toBe(false);
  expect(describeServing(split)).toMatch(
    /^requests are split \(90 % to version v1, 10 % to version v2\) since /,
  );
});

test("what another tool uploaded is not the stack's own", async () => {
  const results = {
    deployments: deployments(["v1", 100]),
    "versions/v1": { resources: { bindings: [] } },
  };
  expect(isForeign(await serving(results), MARK)).toBe(true);
  expect(isForeign(await serving(results), { project: "p", stack: "prod" })).toBe(false);
});
