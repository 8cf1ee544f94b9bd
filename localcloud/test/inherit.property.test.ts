import fc from "fast-check";
import { expect, test } from "vitest";
import { type InheritInput, inheritBindings } from "../src/deploy/inherit.ts";
import { ApiError } from "../src/errors.ts";
import type { RunnableBinding } from "../src/runtime/types.ts";

const name = fc.constantFrom("A", "B", "C", "D", "E", "F");
const type = fc.constantFrom("plain_text", "secret_text", "json", "durable_object_namespace");
/** The text tells where a binding came from. */
const bindingOf = (from: string): fc.Arbitrary<RunnableBinding> =>
  fc.record({ type, name }).map((binding) => ({ ...binding, text: `${from} ${binding.name}` }));
const bindingsOf = (from: string): fc.Arbitrary<RunnableBinding[]> =>
  fc.uniqueArray(bindingOf(from), { selector: (binding) => binding.name, maxLength: 6 });

const inherit: fc.Arbitrary<RunnableBinding> = fc
  .record({
    name,
    oldName: fc.option(name),
    versionId: fc.option(fc.constantFrom("latest", "older", "unknown")),
  })
  .map(({ name: own, oldName, versionId }) => ({
    type: "inherit",
    name: own,
    ...(oldName === null ? {} : { old_name: oldName }),
    ...(versionId === null ? {} : { version_id: versionId }),
  }));

const uploaded = fc.uniqueArray(fc.oneof(bindingOf("uploaded"), inherit), {
  selector: (binding) => binding.name,
  maxLength: 6,
});

interface Case extends Omit<InheritInput, "bindingsOf"> {
  older: readonly RunnableBinding[];
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  uploaded,
  keep: fc.uniqueArray(type),
  previous: bindingsOf("previous"),
  older: bindingsOf("older"),
  strict: fc.boolean(),
});

function run({ older, ...input }: Case): RunnableBinding[] {
  return inheritBindings({
    ...input,
    bindingsOf: (id) => (id === "older" ? older : undefined),
  });
}

/** The documented rule for one name, told again; null: there is none, "missing": what it inherits is not there. */
function expected(
  { uploaded: given, keep, previous, older }: Case,
  wanted: string,
): RunnableBinding | null | "missing" {
  const own = given.find((binding) => binding.name === wanted);
  const before = previous.find((binding) => binding.name === wanted);
  const kept = before !== undefined && keep.includes(before.type) ? before : null;
  if (own === undefined) return kept;
  if (own.type !== "inherit") return own;
  const versions = new Map<unknown, readonly RunnableBinding[]>([
    ["latest", previous],
    ["older", older],
  ]);
  const source = versions.get(own["version_id"] ?? "latest") ?? [];
  const found = source.find((binding) => binding.name === (own["old_name"] ?? wanted));
  return found === undefined ? "missing" : { ...found, name: wanted };
}

const NAMES = ["A", "B", "C", "D", "E", "F"];

test("an upload ends up with what it brings, inherits and keeps, and with nothing else, by name", () => {
  fc.assert(
    fc.property(anyCase, (input) => {
      fc.pre(NAMES.every((wanted) => expected(input, wanted) !== "missing"));
      const bindings = NAMES.map((wanted) => expected(input, wanted)).filter(
        (binding) => binding !== null,
      );
      expect(run(input)).toEqual(bindings);
    }),
    { numRuns: 1_000 },
  );
});

test("what is to be inherited and is not there is refused with 10057 when strict, and else left out or kept", () => {
  fc.assert(
    fc.property(anyCase, (input) => {
      fc.pre(NAMES.some((wanted) => expected(input, wanted) === "missing"));
      expect(() => run({ ...input, strict: true })).toThrow(
        expect.objectContaining({ status: 400, code: 10057 }),
      );
      const others = NAMES.filter((wanted) => expected(input, wanted) !== "missing");
      const loose = run({ ...input, strict: false });
      expect(loose.filter((binding) => others.includes(binding.name))).toEqual(
        others.map((wanted) => expected(input, wanted)).filter((binding) => binding !== null),
      );
    }),
    { numRuns: 1_000 },
  );
});

test("no secret is lost while secrets are kept, whatever is uploaded besides", () => {
  fc.assert(
    fc.property(anyCase, (input) => {
      const names = new Set(input.uploaded.map((binding) => binding.name));
      const secrets = input.previous.filter(
        (binding) => binding.type === "secret_text" && !names.has(binding.name),
      );
      const bindings = run({ ...input, strict: false, keep: ["secret_text"] });
      expect(bindings).toEqual(expect.arrayContaining(secrets));
    }),
  );
});

test("what it is given stays as it was", () => {
  fc.assert(
    fc.property(anyCase, (input) => {
      const before = structuredClone(input);
      try {
        run(input);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
      expect(input).toEqual(before);
    }),
  );
});
