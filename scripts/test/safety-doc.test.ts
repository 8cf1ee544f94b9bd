import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHECKOUT } from "../lib/project.ts";

/** Where the messages of docs/safety.md are asserted. */
const SUITES = ["test", "infra/test", "scripts/test", "policy/test"];

/** What the tables of docs/safety.md give as messages, without the names in them. */
function messages(): string[][] {
  const rows = readFileSync(join(CHECKOUT, "docs/safety.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const texts = rows.flatMap((cells) => /^`(.+)`$/.exec(cells[3] ?? "")?.[1] ?? []);
  return texts.map((text) => text.split("…").filter((part) => part.length > 3));
}

test("each message that docs/safety.md gives is asserted by a test", () => {
  const sources = SUITES.flatMap((folder) =>
    readdirSync(join(CHECKOUT, folder))
      .filter((name) => name.endsWith(".test.ts") && name !== "safety-doc.test.ts")
      .map((name) => readFileSync(join(CHECKOUT, folder, name), "utf8")),
  );
  const text = sources.join("\n").replaceAll("\\.", ".");
  expect(messages().length).toBeGreaterThan(20);
  for (const parts of messages()) {
    for (const part of parts) expect(text, parts.join("…")).toContain(part);
  }
});
