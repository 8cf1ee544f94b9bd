import { expect, test } from "vitest";
import { requireBindingLimits } from "../src/deploy/binding-limits.ts";
import { ApiError } from "../src/errors.ts";
import type { Plan } from "../src/model/state.ts";
import type { RunnableBinding } from "../src/runtime/types.ts";

/** The code that the bindings are refused with; null when they are not. */
function codeOf(bindings: RunnableBinding[], plan: Plan = "paid"): number | null {
  try {
    requireBindingLimits(bindings, plan);
    return null;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
}

const variables = (count: number): RunnableBinding[] =>
  Array.from({ length: count }, (_, index) => ({
    type: ["plain_text", "secret_text"][index % 2] ?? "",
    name: `V${index}`,
    text: "x",
  }));

test.each([
  ["free", 64],
  ["paid", 128],
] as const)("on the plan %s a Worker may have %i variables and secrets", (plan, limit) => {
  expect(codeOf(variables(limit), plan)).toBeNull();
  expect(codeOf(variables(limit + 1), plan)).toBe(10055);
  const others = [{ type: "service", name: "S", service: "s" }];
  expect(codeOf([...variables(limit), ...others], plan)).toBeNull();
});

test.each([
  ["plain_text", (bytes: number) => ({ text: "é".repeat(bytes / 2) })],
  ["secret_text", (bytes: number) => ({ text: "x".repeat(bytes) })],
  ["json", (bytes: number) => ({ json: "x".repeat(bytes - 2) })],
])("a binding of type %s may have 5 KB", (type, value) => {
  expect(codeOf([{ type, name: "A", ...value(5_120) }])).toBeNull();
  expect(codeOf([{ type, name: "A", ...value(5_122) }])).toBe(10054);
});
