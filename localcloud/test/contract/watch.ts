import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach } from "vitest";
import type { ToldAnswer } from "../../src/told-answers.ts";
import type { Validator } from "./validate.ts";

/**
 * A setup file for projects whose tests run local clouds: each answer of one, in the test's process or in a
 * Node process below it, is compared with the types of Cloudflare's SDK. The test during which one was not
 * as documented fails.
 */
const CHANNEL = "localcloud:answer";

const folder = mkdtempSync(join(tmpdir(), "localcloud-answers-"));
const file = join(folder, "of-children.ndjson");

/** For Node processes of any version, before all else. What a process wrote before it was killed stays. */
const PRELOAD = `
import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
subscribe("${CHANNEL}", (answer) =>
  appendFileSync(${JSON.stringify(file)}, JSON.stringify(answer) + "\\n"));
`;

const optionsBefore = process.env["NODE_OPTIONS"];
const preload = `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}`;
process.env["NODE_OPTIONS"] = [optionsBefore, preload].filter(Boolean).join(" ");

const lines: string[] = [];
const note = (answer: unknown): void => void lines.push(JSON.stringify(answer));
subscribe(CHANNEL, note);

let read = 0;

function takeLines(): string[] {
  const text = existsSync(file) ? readFileSync(file, "utf8").slice(read) : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  read += whole.length;
  return [...lines.splice(0), ...whole.split("\n").filter(Boolean)];
}

let validator: Validator | null = null;

/** @throws Error when an answer since the last call was not as documented */
async function checkAnswers(): Promise<void> {
  const taken = takeLines();
  if (taken.length === 0) return;
  // Only here: most files of some projects run no local cloud.
  validator ??= (await import("./validate.ts")).createValidator();
  const { check } = validator;
  const mistakes = new Set(
    taken.flatMap((line) => {
      const answer: ToldAnswer = JSON.parse(line);
      return check(answer);
    }),
  );
  if (mistakes.size === 0) return;
  throw new Error(
    `The local cloud answered what Cloudflare does not:\n${[...mistakes].join("\n")}`,
  );
}

afterEach(checkAnswers);

afterAll(async () => {
  unsubscribe(CHANNEL, note);
  if (optionsBefore === undefined) delete process.env["NODE_OPTIONS"];
  else process.env["NODE_OPTIONS"] = optionsBefore;
  try {
    await checkAnswers();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
