import fc from "fast-check";
import { expect, test } from "vitest";
import { type RoutedRequest, matchRoute } from "../src/edge/match.ts";

/** A pattern in parts: any of them may be narrowed. */
interface Parts {
  scheme: "" | "http://" | "https://";
  /** What stands before the host: nothing, or a wildcard. */
  open: "" | "*" | "*.";
  host: string;
  path: string;
  /** Whether the path ends in a wildcard. */
  isPathOpen: boolean;
}

const label = fc.constantFrom("a", "b", "ab", "www");
const host = fc.array(label, { minLength: 1, maxLength: 2 }).map((labels) => labels.join("."));
const path = fc.array(label, { maxLength: 2 }).map((parts) => `/${parts.join("/")}`);

const parts: fc.Arbitrary<Parts> = fc.record({
  scheme: fc.constantFrom("", "http://", "https://"),
  open: fc.constantFrom("", "*", "*."),
  host,
  path,
  isPathOpen: fc.boolean(),
});

function patternOf({ scheme, open, host: name, path: start, isPathOpen }: Parts): string {
  return scheme + open + name + start + (isPathOpen ? "*" : "");
}

/** Ways to make a pattern match less: a scheme, more of the host, more of the path. */
const NARROWINGS: Readonly<Record<string, (from: Parts, text: string) => Parts | null>> = {
  "gets a scheme": (from) => (from.scheme === "" ? { ...from, scheme: "https://" } : null),
  "gets labels below a host": (from) => (from.open === "*" ? { ...from, open: "*." } : null),
  "gets a longer open host": (from, text) =>
    from.open === "" ? null : { ...from, open: "*.", host: hostBelow(from, text) },
  "gets one host": (from, text) =>
    from.open === "" ? null : { ...from, open: "", host: hostBelow(from, text) },
  "gets a longer open path": (from, text) =>
    from.isPathOpen ? { ...from, path: `${from.path}${text}` } : null,
  "gets one path": (from, text) =>
    from.isPathOpen ? { ...from, path: `${from.path}${text}`, isPathOpen: false } : null,
};

/** A host that the open one of `from` matches. */
function hostBelow(from: Parts, text: string): string {
  return from.open === "*." ? `${text}.${from.host}` : text + from.host;
}

/** A request that a pattern matches: its wildcards filled with what was drawn. */
function requestOf(
  { scheme, open, host: name, path: start, isPathOpen }: Parts,
  fill: string,
): RoutedRequest {
  const prefix = open === "" ? "" : open === "*" ? fill : `${fill}.`;
  return {
    scheme: scheme === "http://" ? "http" : "https",
    hostname: prefix + name,
    pathAndQuery: start + (isPathOpen ? fill : ""),
  };
}

function winner(patterns: readonly Parts[], request: RoutedRequest): string | undefined {
  const routes = patterns.map((found) => ({ pattern: patternOf(found) }));
  return matchRoute(routes, request)?.pattern;
}

test.each(Object.entries(NARROWINGS))(
  "of two patterns that match, the more specific one wins: one that %s",
  (_, narrow) => {
    fc.assert(
      fc.property(parts, label, label, (wide, text, fill) => {
        const narrowed = narrow(wide, text);
        fc.pre(narrowed !== null);
        const request = requestOf(narrowed, fill);
        // Both do match, so that there is something to decide.
        expect(winner([wide], request)).toBe(patternOf(wide));
        expect(winner([narrowed], request)).toBe(patternOf(narrowed));
        expect(winner([wide, narrowed], request)).toBe(patternOf(narrowed));
        expect(winner([narrowed, wide], request)).toBe(patternOf(narrowed));
      }),
    );
  },
);

test("the host decides before the path, and the path before the scheme", () => {
  fc.assert(
    fc.property(parts, label, label, (wide, text, fill) => {
      fc.pre(wide.open !== "" && wide.isPathOpen && wide.scheme === "");
      const byHost = NARROWINGS["gets one host"]?.(wide, text);
      const byPath = NARROWINGS["gets one path"]?.(wide, fill);
      const byScheme = NARROWINGS["gets a scheme"]?.(wide, text);
      if (!byHost || !byPath || !byScheme) throw new Error("Nothing was narrowed.");
      const request: RoutedRequest = {
        scheme: "https",
        hostname: byHost.host,
        pathAndQuery: byPath.path,
      };
      expect(winner([byScheme, byPath, byHost], request)).toBe(patternOf(byHost));
      expect(winner([byScheme, byPath], request)).toBe(patternOf(byPath));
    }),
  );
});

test("a request with a query is matched by open paths alone", () => {
  fc.assert(
    fc.property(parts, label, (found, fill) => {
      const request = requestOf(found, fill);
      const asked = { ...request, pathAndQuery: `${request.pathAndQuery}?q=1` };
      expect(winner([found], asked)).toBe(found.isPathOpen ? patternOf(found) : undefined);
    }),
  );
});

test("hosts are matched whatever their case, paths only in theirs", () => {
  fc.assert(
    fc.property(parts, label, (found, fill) => {
      const upper = { ...found, host: found.host.toUpperCase() };
      expect(winner([upper], requestOf(found, fill))).toBe(patternOf(upper));
      const shouted = { ...found, path: `${found.path}/A` };
      const request = requestOf({ ...found, path: `${found.path}/a` }, fill);
      expect(winner([shouted], request)).toBeUndefined();
    }),
  );
});
