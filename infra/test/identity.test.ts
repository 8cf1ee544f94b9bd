import { expect, test } from "vitest";
import { findOwn } from "../src/identity.ts";

const COMPONENT = "visitor-tracker:index:VisitorTracker";
const SCRIPT = "cloudflare:index/workersScript:WorkersScript";

function urn(type: string, name: string): string {
  return `urn:pulumi:dev::shop::${type}::${name}`;
}

const ROOT = [urn(COMPONENT, "count"), urn(`${COMPONENT}$${SCRIPT}`, "count")];
const OTHER = [urn(COMPONENT, "other"), urn(`${COMPONENT}$${SCRIPT}`, "other")];
const BELOW = [
  urn(`shop:index:Site$${COMPONENT}`, "count"),
  urn(`shop:index:Site$${COMPONENT}$${SCRIPT}`, "count"),
];
const NAMESAKE = [urn(SCRIPT, "count"), urn(`shop:index:Site$${SCRIPT}`, "count")];

/** URNs of what is found among all. */
function found(own: string, formerNames: string[] = []): [string, ...string[]] {
  const all = [...NAMESAKE, ...BELOW, ...OTHER, ...ROOT].map((each) => [each, {}]);
  const { name, state } = findOwn({ outputs: Object.fromEntries(all) }, { urn: own, formerNames });
  return [name, ...Object.keys(state.outputs)];
}

test("a component is told from others of its name, below other parents and without any", () => {
  expect(found(urn(COMPONENT, "count"))).toEqual(["count", ...ROOT]);
  expect(found(urn(`shop:index:Site$${COMPONENT}`, "count"))).toEqual(["count", ...BELOW]);
});

test("a component that is new to the state has nothing there, whatever others are called", () => {
  expect(found(urn(`shop:index:Blog$${COMPONENT}`, "count"))).toEqual(["count"]);
  expect(found(urn(COMPONENT, "fresh"))).toEqual(["fresh"]);
});

test("a component is found by a name that it had, unless it is there by its own", () => {
  expect(found(urn(COMPONENT, "fresh"), ["gone", "other"])).toEqual(["other", ...OTHER]);
  expect(found(urn(COMPONENT, "count"), ["other"])).toEqual(["count", ...ROOT]);
});

test("a state that cannot be read as one has nothing", () => {
  const own = { urn: urn(COMPONENT, "count"), formerNames: [] };
  expect(findOwn(undefined, own)).toEqual({ name: "count", state: { outputs: {} } });
});
