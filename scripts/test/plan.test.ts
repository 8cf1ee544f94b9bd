import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPlan, writePlan } from "../lib/deploy/plan.ts";
import { temporaryFolder } from "./support.ts";

test("a plan is read as it was written, for its stack alone", async () => {
  const file = join(temporaryFolder(), "plan.json");
  const saved = { stack: "prod", stateHash: "abc", plan: { resourcePlans: {} } };
  await writePlan(file, saved);
  expect(await readPlan(file, "prod")).toEqual(saved);
  await expect(readPlan(file, "staging")).rejects.toThrow(
    `--plan: ${file} is a plan for stack 'prod', not for 'staging'.`,
  );
});

test.each([
  ["no JSON", "nonsense"],
  ["Pulumi's own plan", JSON.stringify({ manifest: {}, resourcePlans: {} })],
  [
    "one of another version",
    JSON.stringify({ version: 2, stack: "prod", stateHash: "a", plan: {} }),
  ],
  ["one without a state", JSON.stringify({ version: 1, stack: "prod", plan: {} })],
])("a file that is %s is refused with what makes a plan", async (_name, text) => {
  const file = join(temporaryFolder(), "plan.json");
  await expect(readPlan(file, "prod")).rejects.toThrow(`there is no ${file}`);
  await writeFile(file, text);
  await expect(readPlan(file, "prod")).rejects.toThrow(
    `${file} is no plan of npm run preview. To make a plan: npm run preview -- --stack prod --save-plan <file>.`,
  );
});
