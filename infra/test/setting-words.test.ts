import { expect, test } from "vitest";
import { ARGUMENT_WORDS, configWords } from "../src/setting-words.ts";

test.each([
  ["allowedOrigins[0]", "https://a.com", 'allowedOrigins[0]: "https://a.com"'],
  ["protect", "false", "protect: false"],
  ["limits.tabsPerVisitor", "8", "limits.tabsPerVisitor: 8"],
  ["pageQuery", '["id"]', 'pageQuery: ["id"]'],
  ["zone", "0123456789abcdef0123456789abcdef", 'zone: "0123456789abcdef0123456789abcdef"'],
  ["zone", "11111111111111111111111111111111", 'zone: "11111111111111111111111111111111"'],
])("the argument %s is set to %s by: %s", (path, value, code) => {
  expect(ARGUMENT_WORDS.set(path, value)).toBe(code);
});

test.each([
  [
    "To keep it, go back: pulumi config set scriptName old. To go on: pulumi config set protect false).",
    'To keep it, go back: scriptName: "old". To go on: protect: false).',
  ],
  [
    "pulumi config set accountId <the account before>. Or pulumi config set --path adopt.script a-b (docs)",
    'accountId: "<the account before>". Or adopt.script: "a-b" (docs)',
  ],
  [
    "pulumi config rm allowDataLoss, pulumi config set protect false, pulumi up",
    "leave allowDataLoss out, protect: false, pulumi up",
  ],
  ["pulumi config set route blog.example.com/live/*;", 'route: "blog.example.com/live/*";'],
])("%s is told to who writes code as: %s", (message, told) => {
  expect(ARGUMENT_WORDS.tell(message)).toBe(told);
  expect(configWords("prod").tell(message)).toBe(message);
});
