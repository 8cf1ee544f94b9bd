import fc from "fast-check";

/** JSON that most code does not expect; `{"$raw": …}` stands for text that JSON.stringify cannot make. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Where `JSON.parse` goes and code that calls itself does not. */
const DEEP = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
const DEEP_MARK = "\u0001deep";

const NASTY: readonly Json[] = [
  null,
  -1,
  1e308,
  "",
  "\u0000",
  "\uD800",
  "../../etc/passwd",
  "__proto__",
  "a".repeat(5_000),
  [],
  [null],
  {},
  { toString: 1, valueOf: 1, length: -1 },
  JSON.parse(
    '{"__proto__": {"name": "x"}, "constructor": {"prototype": {}}, "type": "constructor"}',
  ),
  DEEP_MARK,
];

/** The text of a body; what cannot be a value in memory is put into it. */
export function textOf(body: Json): string {
  return JSON.stringify(body).replaceAll(JSON.stringify(DEEP_MARK), DEEP);
}

type Path = readonly (string | number)[];

/** The places in a value, the value itself first. */
function pathsOf(value: Json, path: Path = []): Path[] {
  const inner =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, field]) =>
          pathsOf(field, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return [path, ...inner];
}

/** A copy with another value at one place. */
function replaced(value: Json, [key, ...rest]: Path, by: Json): Json {
  if (key === undefined) return by;
  if (Array.isArray(value)) {
    return value.map((entry, index) => (index === key ? replaced(entry, rest, by) : entry));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name === key ? replaced(field, rest, by) : field,
    ]),
  );
}

/** Every nasty value at every place of a body that is good, one at a time. */
export function mutations(body: Json): Json[] {
  return pathsOf(body).flatMap((path) => NASTY.map((nasty) => replaced(body, path, nasty)));
}

/** Some of them, up to three at a time. */
export function mutated(body: Json): fc.Arbitrary<Json> {
  const paths = pathsOf(body);
  const change = fc.record({ path: fc.constantFrom(...paths), nasty: fc.constantFrom(...NASTY) });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((now, { path, nasty }) => replaced(now, path, nasty), body));
}

/** For parts of paths and queries. */
export const NASTY_TEXTS: readonly string[] = [
  "__proto__",
  "constructor",
  "..",
  "%00",
  "%ff",
  "%F0%9F%98%80",
  "-1",
  "1e9",
  "NaN",
  "a".repeat(1_000),
];
