import { removeScript } from "../deploy/remove.ts";
import { requireTypes } from "../deploy/settings-parser.ts";
import { type WorkerSettings, createWorker, updateWorker } from "../deploy/workers.ts";
import { ERRORS, fail } from "../errors.ts";
import { type Fields, fieldsOf, isText, parseJson } from "../http/json.ts";
import { type ApiRequest, type Handler, ok, page } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import { type Script, workerOf } from "../model/state.ts";
import { type WorkerView, workerView } from "./beta-view.ts";
import { checkScriptName } from "./scripts.ts";

/** The Worker that a request's path names, by its id or its name. */
export function requestedWorker({ cloud, params }: ApiRequest): Script {
  return workerOf(cloud.store.state, params["worker"]) ?? fail(ERRORS.SCRIPT_NOT_FOUND);
}

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/list/ */
export const listWorkers: Handler<WorkerView[]> = ({ cloud: { store }, query }) => {
  const { result, resultInfo } = page(store.state.scripts, query);
  return { result: result.map((script) => workerView(store.state, script)), resultInfo };
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/get/ */
export const getWorker: Handler<WorkerView> = (request) =>
  ok(workerView(request.cloud.store.state, requestedWorker(request)));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/create/ */
export const postWorker: Handler<WorkerView> = async ({ cloud, body }) => {
  const { name, ...settings } = readWorker(body);
  const script = await createWorker(cloud, name, settings);
  return ok(workerView(cloud.store.state, script));
};

/**
 * What is not named becomes what it is by default.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/update/
 */
export const putWorker: Handler<WorkerView> = async (request) => {
  const settings = readWorker(request.body);
  const script = await updateWorker(request.cloud, requestedWorker(request).name, settings);
  return ok(workerView(request.cloud.store.state, script));
};

/**
 * What is not named stays.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/edit/
 */
export const patchWorker: Handler<WorkerView> = async (request) => {
  const worker = requestedWorker(request);
  const settings = readSettings(parseJson(request.body.toString("utf8")), worker);
  const script = await updateWorker(request.cloud, worker.name, settings);
  return ok(workerView(request.cloud.store.state, script));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/beta/subresources/workers/methods/delete/ */
export const deleteWorker: Handler<null> = async (request) => {
  const { name } = requestedWorker(request);
  await removeScript(request.cloud, name, { force: request.query.get("force") === "true" });
  return ok(null);
};

type Settings = Required<WorkerSettings>;

const DEFAULTS: Omit<Settings, "name"> = {
  logpush: false,
  observability: null,
  subdomain: { enabled: false, previewsEnabled: false },
  tags: [],
  tailConsumers: null,
};

function readWorker(body: Buffer): Settings {
  const value = parseJson(body.toString("utf8"));
  return readSettings(value, { ...DEFAULTS, name: fieldsOf(value).text("name") });
}

/** What a body says of a Worker; `otherwise` where it says nothing. */
function readSettings(value: unknown, otherwise: Settings): Settings {
  const fields = fieldsOf(value);
  const name = fields.optionalText("name") ?? otherwise.name;
  checkScriptName(name);
  return {
    name,
    logpush: fields.optionalFlag("logpush") ?? otherwise.logpush,
    observability:
      requireTypes("observability", fields.optionalObject("observability")) ??
      otherwise.observability,
    subdomain: readSubdomain(fields, otherwise.subdomain),
    tags: fields.optionalList("tags", isText) ?? otherwise.tags,
    tailConsumers:
      fields
        .optionalList("tail_consumers", isConsumer)
        ?.map((consumer) => ({ service: consumer.name })) ?? otherwise.tailConsumers,
  };
}

function readSubdomain(fields: Fields, otherwise: Settings["subdomain"]): Settings["subdomain"] {
  const given = fields.optionalObject("subdomain");
  if (given === null) return otherwise;
  const subdomain = fieldsOf(given);
  return {
    enabled: subdomain.optionalFlag("enabled") ?? otherwise.enabled,
    previewsEnabled: subdomain.optionalFlag("previews_enabled") ?? otherwise.previewsEnabled,
  };
}

const isConsumer = (entry: unknown): entry is { name: string } =>
  isRecord(entry) && typeof entry["name"] === "string";
