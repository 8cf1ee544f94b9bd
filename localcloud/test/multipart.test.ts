import { expect, test } from "vitest";
import { parseUpload } from "../src/deploy/upload.ts";
import { parseMultipart } from "../src/http/multipart.ts";
import { FORM_TYPE, type FormPart, form } from "./support/form.ts";

/** Every byte, some twice, and what looks like a boundary. */
const BINARY = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, index) => index)),
  Buffer.from("\r\n--9c3f\r\n\0é"),
]);

const MODULE = "application/javascript+module";
const METADATA: FormPart = {
  disposition: 'name="metadata"',
  contentType: "application/json",
  contents: '{"main_module":"worker.js"}',
};
const MAIN: FormPart = {
  disposition: 'name="worker.js"; filename="worker.js"',
  contentType: MODULE,
  contents: "export default {}",
};

async function names(parts: FormPart[]): Promise<string[]> {
  return (await parseMultipart(FORM_TYPE, form(parts))).map(({ name }) => name);
}

test("a module is named by its file name, else by its part: paths, quotes and other letters included", async () => {
  expect(
    await names([
      { disposition: 'name="files"; filename="chunks/a.js"', contentType: MODULE, contents: "1" },
      { disposition: 'name="files"; filename="./b.js"', contentType: MODULE, contents: "2" },
      {
        disposition: 'name="q\\"uote.js"; filename="q\\"uote.js"',
        contentType: MODULE,
        contents: "3",
      },
      { disposition: "name=plain.js; filename=plain.js", contentType: MODULE, contents: "4" },
      {
        disposition: 'name="ünï.txt"; filename="ünï.txt"',
        contentType: "text/plain",
        contents: "5",
      },
      { disposition: 'name="nofile.js"', contentType: MODULE, contents: "6" },
    ]),
  ).toEqual(["chunks/a.js", "./b.js", 'q"uote.js', "plain.js", "ünï.txt", "nofile.js"]);
});

test.each([
  ["with a file name", 'name="a.wasm"; filename="a.wasm"', "application/wasm"],
  ["without a file name", 'name="a.wasm"', "application/wasm"],
  ["without a file name, as data", 'name="a.bin"', "application/octet-stream"],
])("a binary part %s keeps its bytes", async (_, disposition, contentType) => {
  const [part] = await parseMultipart(
    FORM_TYPE,
    form([{ disposition, contentType, contents: BINARY }]),
  );
  expect(part?.contents.equals(BINARY)).toBe(true);
});

test("a text part that names its charset keeps its bytes", async () => {
  const contents = "export default 'é…'";
  const [part] = await parseMultipart(
    FORM_TYPE,
    form([{ disposition: 'name="a.js"', contentType: `${MODULE}; charset=utf-8`, contents }]),
  );
  expect(part?.contents.toString("utf8")).toBe(contents);
});

test("ten megabytes arrive whole", async () => {
  const contents = Buffer.alloc(10 * 1024 * 1024, "0123456789abcdef");
  const [part] = await parseMultipart(FORM_TYPE, form([{ ...MAIN, contents }]));
  expect(part?.contents.equals(contents)).toBe(true);
});

test.each([
  ["first", [METADATA, MAIN]],
  ["last", [MAIN, METADATA]],
])("the metadata may come %s", async (_, parts) => {
  const { mainModule, modules } = await parseUpload(FORM_TYPE, form(parts));
  expect({ mainModule, modules: modules.map(({ name }) => name) }).toEqual({
    mainModule: "worker.js",
    modules: ["worker.js"],
  });
});

test("the metadata may be a file", async () => {
  const metadata = { ...METADATA, disposition: 'name="metadata"; filename="blob"' };
  expect((await parseUpload(FORM_TYPE, form([metadata, MAIN]))).mainModule).toBe("worker.js");
});

test.each<[string, string, FormPart[], string]>([
  ["no metadata", FORM_TYPE, [MAIN], "The form has no part named 'metadata'."],
  [
    "metadata that is no JSON",
    FORM_TYPE,
    [MAIN, { ...METADATA, contents: "{" }],
    "Could not parse the metadata: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
  ],
  [
    "metadata that is a list",
    FORM_TYPE,
    [MAIN, { ...METADATA, contents: "[]" }],
    "The metadata must be a JSON object.",
  ],
  [
    "no main module named",
    FORM_TYPE,
    [MAIN, { ...METADATA, contents: "{}" }],
    "Upload a module and name it in metadata.main_module.",
  ],
  [
    "a main module that is not there",
    FORM_TYPE,
    [{ ...MAIN, disposition: 'name="index.js"; filename="index.js"' }, METADATA],
    'Uncaught TypeError: Main module name is not present in bundle. metadata.main_module is "worker.js"; the form has index.js.',
  ],
  [
    "two modules of one name",
    FORM_TYPE,
    [MAIN, MAIN, METADATA],
    "The form has more than one module named 'worker.js'.",
  ],
  [
    "a date that is none",
    FORM_TYPE,
    [
      MAIN,
      { ...METADATA, contents: '{"main_module":"worker.js","compatibility_date":"2026-13-01"}' },
    ],
    "Invalid compatibility date: 2026-13-01",
  ],
  [
    "a date that no month has",
    FORM_TYPE,
    [
      MAIN,
      { ...METADATA, contents: '{"main_module":"worker.js","compatibility_date":"2026-02-30"}' },
    ],
    "Invalid compatibility date: 2026-02-30",
  ],
  [
    "a date that is to come",
    FORM_TYPE,
    [
      MAIN,
      { ...METADATA, contents: '{"main_module":"worker.js","compatibility_date":"9999-01-01"}' },
    ],
    "Can't set compatibility date in the future: 9999-01-01",
  ],
  [
    "static assets",
    FORM_TYPE,
    [MAIN, { ...METADATA, contents: '{"main_module":"worker.js","assets":{"jwt":"x"}}' }],
    "metadata.assets is not supported by the local cloud. Its README says what it has, and what it has not.",
  ],
  [
    "no boundary",
    "multipart/form-data",
    [MAIN, METADATA],
    "Could not parse the multipart form: Multipart: Boundary not found",
  ],
  [
    "a form under a script's content type",
    "application/javascript",
    [MAIN, METADATA],
    "The body is a multipart form, so send Content-Type: multipart/form-data (cloudflare SDK 7: pass headers {'Content-Type': null}).",
  ],
])("an upload with %s is refused", async (_, contentType, parts, message) => {
  await expect(parseUpload(contentType, form(parts))).rejects.toMatchObject({
    status: 400,
    code: 10021,
    message,
  });
});

test.each([
  [
    "of a name that another one has",
    [
      { type: "json", name: "A", json: 1 },
      { type: "json", name: "A", json: 2 },
    ],
    10053,
    "Binding name 'A' already in use. Please use a different name and try again.",
  ],
  [
    "without a name",
    [
      { type: "json", name: "A", json: 1 },
      { type: "json", json: 2 },
    ],
    10052,
    "Binding at index 1 must have a name.",
  ],
])("a binding %s is refused", async (_, bindings, code, message) => {
  const metadata = JSON.stringify({ main_module: "worker.js", bindings });
  const parts = [MAIN, { ...METADATA, contents: metadata }];
  await expect(parseUpload(FORM_TYPE, form(parts))).rejects.toMatchObject({ code, message });
});

test("a form that is cut off is refused", async () => {
  const whole = form([MAIN, METADATA]);
  await expect(parseUpload(FORM_TYPE, whole.subarray(0, whole.length - 40))).rejects.toMatchObject({
    code: 10021,
    message: "Could not parse the multipart form: Unexpected end of form",
  });
});

test("another content type is refused", async () => {
  await expect(parseUpload("text/html", Buffer.from("x"))).rejects.toMatchObject({
    status: 415,
    code: 10001,
  });
});

test.each([
  ["__proto__", {}, "No module can be named '__proto__'."],
  [
    "worker.js",
    { bindings: [{ type: "json", name: "__proto__" }] },
    "No binding can be named '__proto__'.",
  ],
  [
    "worker.js",
    { migrations: { new_tag: "v1", new_sqlite_classes: ["__proto__"] } },
    "json: cannot unmarshal string into field new_sqlite_classes of type non-empty string",
  ],
])("the name __proto__, which cannot run, is refused: %s, %j", async (main, more, message) => {
  const module = { ...MAIN, disposition: `name="${main}"; filename="${main}"` };
  const contents = JSON.stringify({ main_module: main, ...more });
  const body = form([module, { ...METADATA, contents }]);
  await expect(parseUpload(FORM_TYPE, body)).rejects.toThrow(message);
});

test("a form of thousands of texts is read without looking through all of it for each", async () => {
  const texts = Array.from({ length: 9_000 }, (_, index) => `é${index}`.padEnd(600, "x"));
  const parts = texts.map((contents, index) => ({ disposition: `name="p${index}"`, contents }));
  const startedMs = performance.now();
  const read = await parseMultipart(FORM_TYPE, form(parts));
  expect(read.map(({ contents }) => contents.toString("utf8"))).toEqual(texts);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});
