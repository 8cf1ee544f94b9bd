import { join } from "node:path";
import { expect, test } from "vitest";
import type { Engine } from "../engine/resolve.ts";
import { createInterruption } from "../lib/interruption.ts";
import { previewRealStack, whyNotReal } from "../lib/preview/real-run.ts";
import { toPlain } from "../lib/preview/say.ts";
import { recordingReporter, shell, temporaryFolder, writeFiles } from "./support.ts";

/** A CLI that notes how it was called and does what the lines say. */
async function fakeEngine(folder: string, ...lines: string[]): Promise<Engine> {
  await writeFiles(folder, { pulumi: shell('echo "$@" >> "$(dirname "$0")/calls"', ...lines) });
  return { command: join(folder, "pulumi"), version: "v3.259.0", origin: "PATH" };
}

test("the real stack is asked with a token and access to its state, else the reason is said", async () => {
  const root = temporaryFolder();
  const engine = await fakeEngine(root, 'test "$STATE" = open');
  const why = async (env: NodeJS.ProcessEnv): Promise<string | undefined> => {
    const reason = await whyNotReal(root, engine, "prod", recordingReporter(), env);
    return reason && toPlain(reason);
  };
  const token = { CLOUDFLARE_API_TOKEN: "t" };
  expect(await why({ ...token, STATE: "open" })).toBeUndefined();
  expect(await why({ STATE: "open" })).toBe("there is no CLOUDFLARE_API_TOKEN here");
  expect(await why({ CLOUDFLARE_API_TOKEN: "", STATE: "open" })).toBe(
    "there is no CLOUDFLARE_API_TOKEN here",
  );
  expect(await why(token)).toBe("the state of the stacks cannot be read from here");
  await writeFiles(root, {
    "Pulumi.prod.yaml": "config:\n  cloudflare:apiToken:\n    secure: A\n",
  });
  expect(await why({ STATE: "open" })).toBeUndefined();
});

test("the preview is of the stack, as JSON, and measures the bundle that the program wrote", async () => {
  const root = temporaryFolder();
  await writeFiles(root, { "infra/.build/worker.js": "export {};\n" });
  const engine = await fakeEngine(root, 'echo "{\\"args\\": \\"$*\\"}"; exit 3');
  const run = await previewRealStack(root, {
    engine,
    stack: "staging",
    base: undefined,
    savePlan: undefined,
    folder: temporaryFolder(),
    reporter: recordingReporter(),
    interruption: createInterruption(),
  });
  expect(run.captured.code).toBe(3);
  expect(JSON.parse(run.captured.stdout)).toEqual({
    args: "preview --json --stack staging --non-interactive --color never",
  });
  expect(run.sizes.map(({ bytes }) => bytes)).toEqual([11]);
});
