import { setTimeout as wait } from "node:timers/promises";
import { HEARTBEAT_INTERVAL_MS } from "@visitor-tracker/protocol";
import { type Subject, startSubject } from "../subjects/subject.ts";
import { allClosed, becomeBrowser } from "./browser.ts";
import { Crowd } from "./crowd.ts";
import type { Phase, Run } from "./figures.ts";
import { Probe } from "./probe.ts";
import type { ClientName } from "./visitors.ts";
import { describe, watch } from "./watch.ts";

export interface MeasureOptions {
  readonly clients: ClientName;
  readonly visitors: number;
  /** How long nobody joins or leaves. */
  readonly quietMs: number;
  /** @default 20_000 */
  readonly heartbeatMs?: number;
  /**
   * How long only pings are sent, so that the object hibernates: it does after ten idle seconds.
   * @default 25_000
   */
  readonly asleepMs?: number;
  /** Takes a line about what goes on. @default nothing */
  readonly log?: (line: string) => void;
}

const PAGE = "https://quiet.example/posts/hello";

/**
 * Measures the product with visitors who join one page over the time between two heartbeats, stay,
 * and leave.
 * @throws Error when they do not agree on the right count
 */
export async function measure(options: MeasureOptions): Promise<Run> {
  const { clients, visitors, heartbeatMs = HEARTBEAT_INTERVAL_MS, log = () => {} } = options;
  await using subject = await startSubject("ours");
  becomeBrowser();
  const crowd = new Crowd({ port: subject.port, page: PAGE, clients, heartbeatMs });
  const probe = await Probe.start(subject);
  await crowd.join(visitors, { spreadMs: heartbeatMs });
  await crowd.agree();
  const join = await probe.next();
  log(`${visitors} have joined, and all see ${visitors}`);
  const quiet = await stayQuiet(probe, options);
  const isQuietRight = crowd.isRight;
  log(`quiet time over: ${isQuietRight ? "all see" : "NOT all see"} ${visitors}`);
  const sleep = clients === "product" ? await fallAsleepAndWake(crowd, probe, options) : null;
  const closed = allClosed();
  crowd.leave();
  await closed;
  const leave = await settled(subject, probe, visitors);
  const { asleep = null, awake = null } = sleep ?? {};
  return {
    clients,
    visitors,
    heartbeatMs,
    join,
    quiet,
    asleep,
    awake,
    leave,
    isRight: isQuietRight,
  };
}

async function stayQuiet(
  probe: Probe,
  { visitors, quietMs, log = () => {} }: MeasureOptions,
): Promise<Phase> {
  await watch(quietMs, async () => log(describe(await probe.peek(), visitors)));
  return probe.next();
}

/** Keeps clients from waking the object, then has one more visitor do it. */
async function fallAsleepAndWake(
  crowd: Crowd,
  probe: Probe,
  { asleepMs = 25_000, log = () => {} }: MeasureOptions,
): Promise<{ readonly asleep: Phase; readonly awake: Phase }> {
  const { random } = Math;
  try {
    // The client wakes the object when a random number is small.
    Math.random = () => 1 - Number.EPSILON;
    await probe.next();
    await wait(asleepMs);
    const asleep = await probe.next();
    log(`asleep: ${asleep.talk.pongs} pings answered, ${asleep.meter.constructed} constructions`);
    const visitor = crowd.add();
    await crowd.agree();
    visitor.leave();
    await crowd.agree();
    const awake = await probe.next();
    log(
      `woken by a join: ${awake.meter.constructed} construction, and all see one more, then less`,
    );
    return { asleep, awake };
  } finally {
    Math.random = random;
  }
}

/** Connections have ended when their objects may still be about to write what that changes. */
async function settled(subject: Subject, probe: Probe, visitors: number): Promise<Phase> {
  for (;;) {
    const { closes, errors } = (await probe.peek()).meter;
    if (closes + errors >= visitors) break;
    await wait(50);
  }
  await subject.meter();
  return probe.next();
}
