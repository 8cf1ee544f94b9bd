import { parseCount } from "@visitor-tracker/protocol";
import { encodeClose } from "./frames.ts";
import type { Page } from "./page.ts";
import { Wire } from "./wire.ts";

/** A server that is being deployed again, or is busy with other pages, takes no longer than this. */
const LONGEST_MS = 10_000;

/** Longer than a reading is good for. */
const REPEAT_MS = 500;

/** A server that is not there refuses at once. */
const PAUSE_MS = 20;

/**
 * What the page tells an observer who comes and goes. Null when it says nothing in time.
 * @param expected to be told this the observer waits for `patienceMs`; else its first count is it
 */
export function askAsObserver(
  page: Page,
  expected: number,
  patienceMs: number,
): Promise<number | null> {
  return untilKnown((boundMs) => observe(page, { boundMs, expected, patienceMs }));
}

/**
 * What `GET /count` says of the page. Null when it says nothing in time.
 * @param expected to be told this, a clock that was set back is given time to get over what was read
 * at that very time before
 */
export async function askByRead(page: Page, expected: number): Promise<number | null> {
  const patientMs = Date.now() + (page.around.wasSetBack ? REPEAT_MS : 0);
  for (;;) {
    const count = await untilKnown((boundMs) => read(page, boundMs));
    if (count === expected || Date.now() >= patientMs) return count;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function untilKnown(
  ask: (boundMs: number) => Promise<number | null>,
): Promise<number | null> {
  const boundMs = Date.now() + LONGEST_MS;
  while (Date.now() < boundMs) {
    const count = await ask(boundMs);
    if (count !== null) return count;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return null;
}

async function read({ server, url }: Page, boundMs: number): Promise<number | null> {
  const query = new URLSearchParams({ page: url });
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/count?${query.toString()}`, {
      signal: AbortSignal.timeout(Math.max(1, boundMs - Date.now())),
    });
    const answer: unknown = await response.json();
    if (typeof answer !== "object" || answer === null || !("count" in answer)) return null;
    return typeof answer.count === "number" ? answer.count : null;
  } catch {
    return null;
  }
}

interface Observation {
  readonly boundMs: number;
  readonly expected: number;
  readonly patienceMs: number;
}

/** Null also when the connection failed. */
function observe({ server, url }: Page, observation: Observation): Promise<number | null> {
  const { boundMs, expected, patienceMs } = observation;
  const query = new URLSearchParams({ page: url, userId: "checkpoint", v: "2", observe: "1" });
  const path = `/ws?${query.toString()}`;
  const patientMs = Date.now() + patienceMs;
  let last: number | null = null;
  return new Promise((resolve) => {
    const timers = [setTimeout(() => wire.destroy(), boundMs - Date.now())];
    const finish = (): void => {
      resolve(last);
      wire.send(encodeClose(1000));
    };
    const wire = new Wire(
      { port: server.port, path },
      {
        opened: () => {},
        refused: () => {},
        protocolPong: () => {},
        text(message) {
          last = parseCount(message)?.count ?? last;
          if (last === expected || Date.now() >= patientMs) finish();
          else timers.push(setTimeout(finish, patientMs - Date.now()));
        },
        closeFrame: () => wire.destroy(),
        ended() {
          for (const timer of timers) clearTimeout(timer);
          resolve(null);
        },
      },
    );
  });
}
