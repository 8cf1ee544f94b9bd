import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, LIMIT_BOUNDS, parseSettings } from "../src/index.ts";

const defaults = {
  demo: false,
  basePath: "",
  pageQuery: [],
  siteCount: false,
  limits: DEFAULT_LIMITS,
};

describe("settings", () => {
  test("have defaults for everything", () => {
    expect(parseSettings(undefined)).toEqual({ settings: defaults, errors: [] });
    expect(parseSettings({})).toEqual({ settings: defaults, errors: [] });
  });

  test("take what is given", () => {
    const given = {
      demo: true,
      basePath: "/live",
      pageQuery: ["id"],
      siteCount: true,
      limits: { tabsPerVisitor: 3 },
      locationHint: "weur",
      jurisdiction: "eu",
    };
    expect(parseSettings(given)).toEqual({
      settings: { ...given, limits: { ...DEFAULT_LIMITS, tabsPerVisitor: 3 } },
      errors: [],
    });
  });

  test("name every value that cannot be used, and keep its default", () => {
    const { settings, errors } = parseSettings({
      demo: "yes",
      basePath: "live/",
      pageQuery: "id",
      siteCount: 1,
      limits: { tabsPerVisitor: 0, staleAfterMs: "45s", tabs: 3 },
      locationHint: "mars",
      jurisdiction: "us",
      colour: "red",
    });
    expect(settings).toEqual(defaults);
    expect(errors).toEqual([
      "colour is unknown; known are demo, basePath, pageQuery, siteCount, limits, locationHint, jurisdiction",
      'locationHint: "mars" cannot be used; use one of wnam, enam, sam, weur, eeur, apac, oc, afr, me',
      'jurisdiction: "us" cannot be used; use one of eu, fedramp',
      'demo: "yes" cannot be used; use true or false',
      'basePath: "live/" cannot be used; use a path such as /live, without a final slash',
      'pageQuery: "id" cannot be used; use a list of parameter names such as ["id"]',
      "siteCount: 1 cannot be used; use true or false",
      "limits.tabsPerVisitor: 0 cannot be used; use a whole number from 1 to 100",
      'limits.staleAfterMs: "45s" cannot be used; use a whole number from 1000 to 300000',
      "limits.tabs is unknown; known are staleAfterMs, sweepEveryMs, tabsPerVisitor, splitAtSockets, splitAtJoinsPerSecond, mergeAfterMs, socketsPerObject, joinsPerSecond, upgradesPerMinute, readsPerMinute",
    ]);
  });

  test("know no limit by the name of something that every object has", () => {
    for (const name of ["constructor", "toString", "__proto__"]) {
      const limits: unknown = JSON.parse(`{"${name}":1}`);
      expect(parseSettings({ limits })).toEqual({
        settings: defaults,
        errors: [
          `limits.${name} is unknown; known are staleAfterMs, sweepEveryMs, tabsPerVisitor, splitAtSockets, splitAtJoinsPerSecond, mergeAfterMs, socketsPerObject, joinsPerSecond, upgradesPerMinute, readsPerMinute`,
        ],
      });
    }
  });

  test("are complete and within bounds whatever comes in", () => {
    const anything = fc.anything({ withBigInt: true });
    const names = [...Object.keys(defaults), ...Object.keys(DEFAULT_LIMITS)];
    const inherited = Object.getOwnPropertyNames(Object.prototype);
    const name = fc.constantFrom(...names, ...inherited);
    const input = fc.oneof(
      anything,
      fc.dictionary(name, anything),
      fc.record({ limits: fc.dictionary(name, anything) }),
    );
    fc.assert(
      fc.property(input, (value) => {
        const { limits } = parseSettings(value).settings;
        expect(Object.keys(limits)).toEqual(Object.keys(DEFAULT_LIMITS));
        expect(limits.tabsPerVisitor).toBeGreaterThanOrEqual(LIMIT_BOUNDS.tabsPerVisitor[0]);
        expect(limits.staleAfterMs).toBeLessThanOrEqual(LIMIT_BOUNDS.staleAfterMs[1]);
      }),
    );
  });
});
