import { parseCron } from "./cron.ts";

const MINUTE_MS = 60_000;

/** A cron trigger and the script that it calls. */
interface Trigger {
  script: string;
  cron: string;
}

interface SchedulerOptions {
  /** Asked at every minute. */
  triggers: () => readonly Trigger[];
  /** Called at the minutes that a trigger names; `time` is the minute, in milliseconds since 1970. */
  run: (trigger: Trigger, time: number) => void;
}

export interface Scheduler {
  close: () => void;
}

/**
 * Calls `run` at the minutes, in UTC, that the triggers name. A minute in which the machine slept is not
 * made up for. Keeps no process alive.
 */
export function startScheduler({ triggers, run }: SchedulerOptions): Scheduler {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const next = (Math.floor(Date.now() / MINUTE_MS) + 1) * MINUTE_MS;
    timer = setTimeout(() => tick(next), next - Date.now()).unref();
  };
  const tick = (time: number): void => {
    // A timer may fire a little early.
    const minute = Math.max(time, Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
    for (const trigger of triggers()) {
      const cron = parseCron(trigger.cron);
      if (cron.ok && cron.matches(new Date(minute))) run(trigger, minute);
    }
    wait();
  };
  wait();
  return { close: () => clearTimeout(timer) };
}
