import type { Cloud } from "../http/reply.ts";
import { messageOf } from "../lib/unknown.ts";
import { type Scheduler, startScheduler } from "./scheduler.ts";

/** Calls the handlers of the account's scripts at the times of their cron triggers. */
export function startSchedules({ store, runtime, onWarning }: Cloud): Scheduler {
  return startScheduler({
    triggers: () => store.state.schedules,
    run: ({ script, cron }, scheduledTime) => {
      runtime.runScheduled(script, { cron, scheduledTime }).catch((error: unknown) => {
        onWarning(`'${cron}' of script '${script}' could not be run: ${messageOf(error)}`);
      });
    },
  });
}
