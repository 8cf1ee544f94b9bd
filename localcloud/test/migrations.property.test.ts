import fc from "fast-check";
import { expect, test } from "vitest";
import { migrate } from "../src/deploy/migrations.ts";
import { ApiError } from "../src/errors.ts";
import {
  type Deployed,
  START,
  advance,
  classesOf,
  expectedClasses,
  history,
  legal,
  operation,
  upload,
} from "./support/migration-model.ts";

test("a legal history gives the same classes however it is split into uploads", () => {
  fc.assert(
    fc.property(history, fc.array(fc.nat(12)), (operations, cuts) => {
      const { entries, model } = legal(operations);
      const ends = [
        ...new Set([...cuts.filter((cut) => cut > 0 && cut < entries.length), entries.length]),
      ];
      let deployed: Deployed = START;
      let first = 0;
      for (const end of ends.toSorted((a, b) => a - b)) {
        deployed = upload(deployed, entries, first, end);
        first = end;
      }
      expect(classesOf(deployed)).toEqual(expectedClasses(model));
      expect(deployed.tag).toBe(`v${entries.length}`);
    }),
    { numRuns: 500 },
  );
});

test("a history with an illegal step is refused with its code, and nothing is kept of it", () => {
  fc.assert(
    fc.property(history, operation, (operations, last) => {
      const { entries, model } = legal(operations);
      const code = advance(model, last, entries.length);
      fc.pre(code !== null);
      const before = structuredClone(START);
      let refused: unknown = null;
      try {
        upload(before, [...entries, last], 0, entries.length + 1);
      } catch (error) {
        refused = error;
      }
      expect(refused).toBeInstanceOf(ApiError);
      expect(refused).toMatchObject({ status: 400, code });
      expect(before).toEqual(START);
    }),
    { numRuns: 500 },
  );
});

test("a migration from any tag but the current one is refused with 412", () => {
  fc.assert(
    fc.property(fc.option(fc.string()), fc.option(fc.string()), (got, current) => {
      fc.pre((got ?? "") !== (current ?? ""));
      expect(() =>
        migrate({
          script: "app",
          migrations: { oldTag: got, newTag: "next", steps: [] },
          exports: new Set(),
          bindings: [],
          deployedBindings: [],
          namespaces: [],
          currentTag: current,
          scripts: new Set(["app"]),
          plan: "paid",
          newNamespaceId: () => "never",
        }),
      ).toThrow(expect.objectContaining({ status: 412, code: 10079 }));
    }),
  );
});
