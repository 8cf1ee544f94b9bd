import type { ScriptSetting } from "cloudflare/resources/workers/scripts/scripts";
import { requireTailConsumers } from "../deploy/services.ts";
import { requireTypes } from "../deploy/settings-parser.ts";
import { applyDeployment } from "../deploy/swap.ts";
import { fieldsOf, isText, parseJson } from "../http/json.ts";
import { type Handler, ok } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import type { Script, State } from "../model/state.ts";
import { findScript } from "./scripts.ts";

/** What is given back as it was sent. */
type ScriptSettingView = Omit<ScriptSetting, "observability" | "tail_consumers"> & {
  observability: Record<string, unknown> | null;
  tail_consumers: Record<string, unknown>[] | null;
};

function settingView(script: Script): ScriptSettingView {
  return {
    logpush: script.logpush,
    observability: script.observability && { enabled: false, ...script.observability },
    tags: script.tags,
    tail_consumers: script.tailConsumers,
  };
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/settings/methods/get/ */
export const getScriptSettings: Handler<ScriptSettingView> = ({ cloud, params }) =>
  ok(settingView(findScript(cloud.store.state, params["script"])));

/**
 * Changes what belongs to the script and not to a version, so that there is no deployment. Fields that are
 * not sent stay, null unsets.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/settings/methods/edit/
 */
export const patchScriptSettings: Handler<ScriptSettingView> = async ({ cloud, params, body }) => {
  const changes = parseJson(body.toString("utf8"));
  const fields = fieldsOf(changes);
  const logpush = fields.optionalFlag("logpush");
  const tags = fields.optionalList("tags", isText);
  const consumers = fields.optionalList("tail_consumers", isConsumer);
  const observability = requireTypes("observability", fields.optionalObject("observability"));
  const isSent = (field: string): boolean => isRecord(changes) && changes[field] !== undefined;
  const { name } = findScript(cloud.store.state, params["script"]);
  const change = (draft: State): void => {
    const script = findScript(draft, name);
    requireTailConsumers(draft, name, consumers);
    script.logpush = logpush ?? script.logpush;
    if (isSent("tags")) script.tags = tags ?? [];
    if (isSent("tail_consumers")) script.tailConsumers = consumers;
    if (isSent("observability")) script.observability = observability;
  };
  // Other Tail Workers are other code around the script.
  await cloud.deployments.run(() => applyDeployment(cloud, name, change));
  return ok(settingView(findScript(cloud.store.state, name)));
};

const isConsumer = (entry: unknown): entry is Record<string, unknown> =>
  isRecord(entry) && typeof entry["service"] === "string";
