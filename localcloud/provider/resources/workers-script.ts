import { apiPath } from "../api/client.ts";
import { encodeMultipart, mainModule } from "../api/multipart.ts";
import type { MainModule } from "../api/multipart.ts";
import { withDefaults } from "../preview.ts";
import { reconcile } from "../reconcile.ts";
import type { Observed, OperationContext, Resource, State } from "../resource.ts";
import { camelize, snakeCase, toWire } from "../schema.ts";
import { insideSecret, isObject, reveal, revealAll, textOf } from "../values.ts";
import type { Properties, PropertyValue } from "../values.ts";
import { checkContent, loadContent, sha256 } from "./workers-script-content.ts";
import { METADATA_FIELDS, SCRIPT_FIELDS } from "./workers-script-fields.ts";

const CODE = ["content", "contentFile", "contentSha256", "contentType", "mainModule", "bodyPart"];

/**
 * A script: code and everything it is bound to, replaced whole by each upload.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/
 */
export const workersScript: Resource = {
  token: "cloudflare:index/workersScript:WorkersScript",
  fields: SCRIPT_FIELDS,
  uncovered: ["assets", "cacheOptions", "exports", "files", "keepAssets", "packageDependencies"],
  computed: {
    createdOn: [],
    etag: "any",
    handlers: CODE,
    hasAssets: [],
    hasModules: CODE,
    lastDeployedFrom: [],
    migrationTag: ["migrations"],
    modifiedOn: "any",
    namedHandlers: CODE,
    startupTimeMs: "any",
  },
  importId: ["accountId", "scriptName"],
  check: checkContent,
  async create(context, inputs) {
    const outputs = await upload(context, inputs, {});
    return { id: textOf(inputs["scriptName"]) ?? "", outputs };
  },
  read,
  update: (context, _id, state, inputs) => upload(context, inputs, state.outputs),
  async delete({ api, signal }, _id, outputs) {
    const query = reveal(outputs["force"] ?? false) === true ? { force: "true" } : {};
    await api.call({ method: "DELETE", path: scriptPath(outputs), query, signal });
  },
};

async function upload(
  { api, programDir, signal }: OperationContext,
  inputs: Properties,
  olds: Properties,
): Promise<Properties> {
  const plain = revealAll(inputs);
  const contents = await loadContent(inputs, programDir);
  const module = plain["mainModule"];
  const name = typeof module === "string" ? module : "script";
  const type = module === undefined ? "application/javascript" : "application/javascript+module";
  const contentType = typeof plain["contentType"] === "string" ? plain["contentType"] : type;
  // The real provider sends the main module first and the metadata last, without a filename.
  const body = encodeMultipart([
    { name, filename: name, contentType, contents },
    {
      name: "metadata",
      contentType: "application/json",
      contents: Buffer.from(JSON.stringify(metadata(plain))),
    },
  ]);
  const result = await api.call({ method: "PUT", path: scriptPath(inputs), body, signal });
  return outputsFrom(inputs, olds, result);
}

/** The metadata part for revealed inputs, keys sorted. */
function metadata(plain: Properties): Properties {
  const stated = withDefaults(METADATA_FIELDS, plain);
  if (stated["mainModule"] === undefined) stated["bodyPart"] = "script";
  const { observability } = stated;
  if (isObject(observability) && !Array.isArray(observability)) {
    const { logs } = observability;
    if (isObject(logs) && !Array.isArray(logs)) {
      // Added by the real provider to whatever the program says about logs.
      stated["observability"] = { ...observability, logs: { persist: true, ...logs } };
    }
  }
  return toWire(METADATA_FIELDS, stated);
}

/** Only what the API computes is taken from its answer: what it was sent stays as it was stated. */
function outputsFrom(inputs: Properties, olds: Properties, result: unknown): Properties {
  const reported = isObject(result) ? result : {};
  const outputs = withDefaults(SCRIPT_FIELDS, inputs);
  for (const name of Object.keys(workersScript.computed)) {
    const value = camelize(reported[snakeCase(name)]) ?? olds[name] ?? null;
    if (value !== null) outputs[name] = value;
  }
  const { bindings } = outputs;
  if (bindings !== undefined) outputs["bindings"] = withNamespaces(bindings, reported["bindings"]);
  return outputs;
}

/** Fills the namespace id of each Durable Object binding, found by the binding's name. */
function withNamespaces(bindings: PropertyValue, reported: unknown): PropertyValue {
  const ids = new Map<PropertyValue | undefined, string>();
  for (const item of Array.isArray(reported) ? reported : []) {
    if (!isObject(item) || item["type"] !== "durable_object_namespace") continue;
    const { name, namespace_id: id } = item;
    if (typeof name === "string" && typeof id === "string") ids.set(name, id);
  }
  const fillOne = (item: PropertyValue): PropertyValue => {
    if (!isObject(item) || Array.isArray(item)) return item;
    const id = ids.get(reveal(item["name"] ?? null));
    return id === undefined ? item : { namespaceId: id, ...item };
  };
  return insideSecret(bindings, (list) =>
    Array.isArray(list) ? list.map((item) => insideSecret(item, fillOne)) : list,
  );
}

/** The three requests of the real provider's refresh. */
async function read(
  { api, signal }: OperationContext,
  _id: string,
  state: State,
): Promise<Observed | null> {
  const [account, name] = address(state.outputs);
  const service = apiPath("accounts", account, "workers", "services", name);
  const answer = await api.callOrNull({ method: "GET", path: service, signal });
  if (answer === null) return null;
  const path = scriptPath(state.outputs);
  const settings = await api.call({ method: "GET", path: `${path}/settings`, signal });
  const content = await api.download({ method: "GET", path: `${path}/content/v2`, signal });
  const code = await mainModule(content.contentType, content.body);
  const inputs = {
    ...reconcile(SCRIPT_FIELDS, state.inputs, isObject(settings) ? settings : {}, {
      isUnmanaged: (item) => isUnmanaged(item, state.inputs["keepBindings"]),
    }),
    ...(code === null ? {} : observeCode(state.inputs, code)),
  };
  const reported = { ...(isObject(settings) ? settings : {}), ...defaultScript(answer.result) };
  return { id: name, inputs, outputs: outputsFrom(inputs, state.outputs, reported) };
}

function defaultScript(service: unknown): Record<string, unknown> {
  const environment = isObject(service) ? service["default_environment"] : undefined;
  const script = isObject(environment) ? environment["script"] : undefined;
  return isObject(script) ? script : {};
}

/** A secret set elsewhere, or a binding that uploads are told to keep, is not the program's. */
function isUnmanaged(item: Properties, keepBindings: PropertyValue | undefined): boolean {
  if (item["type"] === "secret_text") return true;
  const kept = reveal(keepBindings ?? null);
  return Array.isArray(kept) && kept.includes(item["type"] ?? null);
}

/** Where the code differs from what was uploaded, the inputs that say so. */
function observeCode(stated: Properties, code: MainModule): Properties {
  const text = code.contents.toString("utf8");
  const hash = sha256(code.contents);
  if (stated["contentFile"] !== undefined) return { contentSha256: hash };
  if (stated["content"] !== undefined) {
    const same = reveal(stated["content"]) === text;
    const known = stated["contentSha256"] === undefined ? {} : { contentSha256: hash };
    return same ? {} : { content: text, ...known };
  }
  return { content: text, ...(code.name === null ? {} : { mainModule: code.name }) };
}

function scriptPath(properties: Properties): string {
  const [account, name] = address(properties);
  return apiPath("accounts", account, "workers", "scripts", name);
}

function address(properties: Properties): readonly [account: string, name: string] {
  return [textOf(properties["accountId"]) ?? "", textOf(properties["scriptName"]) ?? ""];
}
