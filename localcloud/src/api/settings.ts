import { redeploy } from "../deploy/redeploy.ts";
import { ERRORS, fail } from "../errors.ts";
import { parseJson } from "../http/json.ts";
import { parseMultipart } from "../http/multipart.ts";
import { type ApiRequest, type Handler, clientOf, ok } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import type { Version } from "../model/state.ts";
import { type SettingsView, settingsView } from "./script-view.ts";
import { findServed } from "./scripts.ts";

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/script_and_version_settings/methods/get/ */
export const getSettings: Handler<SettingsView> = ({ cloud, params }) => {
  const { script, version } = findServed(cloud.store.state, params["script"]);
  return ok(settingsView(script, version));
};

/**
 * Makes a version of the one that serves, with these settings, and deploys it. What is not named stays, save
 * for annotations.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/script_and_version_settings/methods/edit/
 */
export const patchSettings: Handler<SettingsView> = async (request) => {
  const { cloud, params, headers } = request;
  const { version } = findServed(cloud.store.state, params["script"]);
  const metadata = await readSettings(request);
  const saved = await redeploy(cloud, {
    script: params["script"] ?? "",
    source: clientOf(headers),
    triggeredBy: "upload",
    metadata: { ...metadata, ...keptBindings(metadata, version) },
    version,
  });
  return ok(settingsView(saved.script, saved.version));
};

/** Bindings of which the request says no more than name and type are those that the version has. */
function keptBindings(
  { bindings }: Record<string, unknown>,
  version: Version,
): { bindings?: unknown[] } {
  if (!Array.isArray(bindings)) return {};
  const kept = bindings.map((binding: unknown) => {
    if (!isRecord(binding) || Object.keys(binding).length > 2) return binding;
    return (
      version.bindings.find(
        ({ name, type }) => name === binding["name"] && type === binding["type"],
      ) ?? binding
    );
  });
  return { bindings: kept };
}

/** A form's part `settings`, or the body itself. */
async function readSettings({ headers, body }: ApiRequest): Promise<Record<string, unknown>> {
  const contentType = headers["content-type"] ?? "";
  const text = contentType.startsWith("multipart/")
    ? await settingsPart(contentType, body)
    : body.toString("utf8");
  const settings = parseJson(text);
  if (!isRecord(settings)) return invalid("settings must be a JSON object.");
  const { main_module: _, ...metadata } = settings;
  return metadata;
}

async function settingsPart(contentType: string, body: Buffer): Promise<string> {
  const parts = await parseMultipart(contentType, body);
  const part = parts.find(({ field }) => field === "settings");
  return part?.contents.toString("utf8") ?? invalid("The form has no part named 'settings'.");
}

function invalid(reason: string): never {
  return fail(ERRORS.INVALID_UPLOAD, { reason });
}
