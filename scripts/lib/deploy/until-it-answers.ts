import { setTimeout as wait } from "node:timers/promises";
import { messageOf } from "../files.ts";
import type { Reporter } from "../reporter.ts";

/** How long a first deployment may take to answer: a fresh custom domain waits for its certificate. */
export const FIRST_PATIENCE_MS = 180_000;
/** How long one may take that answered before: visitors wait meanwhile. */
export const PATIENCE_MS = 60_000;
const ASK_EVERY_MS = 3_000;

/** Waits until a deployment is healthy, or patience ends; the smoke test judges. */
export async function untilItAnswers(
  url: string,
  patienceMs: number,
  reporter: Reporter,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const problem = await fetch(`${url}/health`).then(
      ({ ok, status }) => (ok ? null : `it answers ${status}`),
      (error: unknown) => messageOf(error instanceof Error ? (error.cause ?? error) : error),
    );
    if (problem === null) return;
    if (Date.now() > deadline) {
      reporter.line(`${url} has not answered for ${patienceMs / 1_000} s: ${problem}`);
      return;
    }
    reporter.status(`waiting for ${url}: ${problem}`);
    await wait(ASK_EVERY_MS);
  }
}
