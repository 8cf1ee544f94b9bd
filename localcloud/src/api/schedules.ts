import type {
  ScheduleGetResponse,
  ScheduleUpdateResponse,
} from "cloudflare/resources/workers/scripts/schedules";
import { ERRORS, fail } from "../errors.ts";
import { parseList } from "../http/json.ts";
import { type Handler, ok } from "../http/reply.ts";
import { type Schedule, type State, timestamp } from "../model/state.ts";
import { parseCron } from "../schedules/cron.ts";
import { findScript } from "./scripts.ts";

/** Cron triggers that an account may have, by its plan. */
const MAX_SCHEDULES = { free: 5, paid: 250 } as const;

function schedulesView(state: State, script: string): ScheduleGetResponse {
  return {
    schedules: state.schedules
      .filter((schedule) => schedule.script === script)
      .map(({ cron, createdOn: created_on, modifiedOn: modified_on }) => ({
        cron,
        created_on,
        modified_on,
      })),
  };
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/schedules/methods/get/ */
export const getSchedules: Handler<ScheduleGetResponse> = ({ cloud, params }) => {
  const { state } = cloud.store;
  return ok(schedulesView(state, findScript(state, params["script"]).name));
};

/**
 * The script has these cron triggers afterwards and no others; those that it had keep their dates.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/schedules/methods/update/
 */
export const putSchedules: Handler<ScheduleUpdateResponse> = ({ cloud, params, body }) => {
  const crons = new Set(parseList(body.toString("utf8")).map((fields) => fields.text("cron")));
  for (const cron of crons) {
    const parsed = parseCron(cron);
    if (!parsed.ok) fail(ERRORS.INVALID_CRON, { cron, reason: parsed.reason });
  }
  return cloud.store.update((draft) => {
    const { name: script } = findScript(draft, params["script"]);
    const now = timestamp();
    const wanted = [...crons].map(
      (cron): Schedule =>
        draft.schedules.find((old) => old.script === script && old.cron === cron) ?? {
          script,
          cron,
          createdOn: now,
          modifiedOn: now,
        },
    );
    const others = draft.schedules.filter((schedule) => schedule.script !== script);
    draft.schedules = [...others, ...wanted];
    if (draft.schedules.length > MAX_SCHEDULES[draft.plan]) fail(ERRORS.TOO_MANY_CRONS);
    return ok(schedulesView(draft, script));
  });
};
