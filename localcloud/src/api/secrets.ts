import type {
  SecretBulkUpdateResponse,
  SecretGetResponse,
  SecretListResponse,
  SecretUpdateResponse,
} from "cloudflare/resources/workers/scripts/secrets";
import { redeploy } from "../deploy/redeploy.ts";
import { ERRORS, fail } from "../errors.ts";
import { fieldsOf, parseJson } from "../http/json.ts";
import { type ApiRequest, type Handler, clientOf, ok } from "../http/reply.ts";
import { isRecord } from "../lib/unknown.ts";
import type { Script, Version } from "../model/state.ts";
import type { RunnableBinding } from "../runtime/types.ts";
import { findScript } from "./scripts.ts";

/** Secrets are bindings: each change makes a version and deploys it. Their values are never shown. */
type SecretView = SecretListResponse;

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/methods/list/ */
export const listSecrets: Handler<SecretListResponse[]> = (request) =>
  ok(secretsOf(newestVersion(requestedScript(request))).map(secretView));

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/methods/get/ */
export const getSecret: Handler<SecretGetResponse> = (request) => {
  const { secret: name = "" } = request.params;
  const secrets = secretsOf(newestVersion(requestedScript(request)));
  const found = secrets.find((binding) => binding.name === name);
  return ok(secretView(found ?? fail(ERRORS.SECRET_NOT_FOUND, { name })));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/methods/update/ */
export const putSecret: Handler<SecretUpdateResponse> = async (request) => {
  const secret = readSecret(parseJson(request.body.toString("utf8")));
  await changeSecrets(request, new Map([[secret.name, secret]]));
  return ok(secretView(secret));
};

/**
 * A JSON merge patch: null deletes, what is not named stays. All of it makes one version.
 * @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/methods/bulk_update/
 */
export const patchSecrets: Handler<SecretBulkUpdateResponse> = async (request) => {
  const body = parseJson(request.body.toString("utf8"));
  const secrets = isRecord(body) ? body["secrets"] : undefined;
  if (!isRecord(secrets)) return fail(ERRORS.UNREADABLE_BODY);
  const changes = Object.entries(secrets).map(([name, value]) => {
    const secret = value === null ? null : readSecret({ name, ...(isRecord(value) ? value : {}) });
    return [name, secret] as const;
  });
  await changeSecrets(request, new Map(changes));
  const present = secretsOf(newestVersion(requestedScript(request)));
  return ok(Object.fromEntries(present.map((secret) => [secret.name, secretView(secret)])));
};

/** @see https://developers.cloudflare.com/api/resources/workers/subresources/scripts/subresources/secrets/methods/delete/ */
export const deleteSecret: Handler<null> = async (request) => {
  const { secret: name = "" } = request.params;
  const secrets = secretsOf(newestVersion(requestedScript(request)));
  if (!secrets.some((binding) => binding.name === name)) fail(ERRORS.SECRET_NOT_FOUND, { name });
  await changeSecrets(request, new Map([[name, null]]));
  return ok(null);
};

function requestedScript({ cloud, params }: ApiRequest): Script {
  return findScript(cloud.store.state, params["script"]);
}

function newestVersion(script: Script): Version {
  return script.versions[0] ?? fail(ERRORS.SCRIPT_NOT_FOUND);
}

function secretsOf(version: Version): RunnableBinding[] {
  return version.bindings.filter(isSecret);
}

function isSecret({ type }: RunnableBinding): boolean {
  return type === "secret_text" || type === "secret_key";
}

/** A binding as the API takes it, its value still in it. */
function readSecret(value: unknown): RunnableBinding {
  const fields = fieldsOf(value);
  const type = fields.optionalText("type") ?? "secret_text";
  if (type !== "secret_text" && type !== "secret_key") {
    return fail(ERRORS.INVALID_FIELD, {
      field: "type",
      reason: `is '${type}'; use secret_text or secret_key`,
    });
  }
  const secret = { ...(isRecord(value) ? value : {}), type, name: fields.text("name") };
  // An empty secret is one, a missing text is none.
  return type === "secret_text"
    ? { ...secret, text: fields.optionalText("text") ?? fields.text("text") }
    : secret;
}

function secretView(binding: RunnableBinding): SecretView {
  const { name } = binding;
  if (binding.type !== "secret_key") return { name, type: "secret_text" };
  return fail(ERRORS.INVALID_FIELD, {
    field: "type",
    reason: `is secret_key, which the local cloud does not provide (binding '${name}')`,
  });
}

/**
 * Applies these changes, null deleting, to the newest version's bindings, and deploys what comes of it.
 * @throws {ApiError} 10215 when the newest version does not serve alone: its code would be deployed as well
 */
async function changeSecrets(
  request: ApiRequest,
  changes: ReadonlyMap<string, RunnableBinding | null>,
): Promise<void> {
  const script = requestedScript(request);
  const version = newestVersion(script);
  const serving = script.deployments[0]?.versions ?? [];
  if (serving.length !== 1 || serving[0]?.id !== version.id) {
    fail(ERRORS.LATEST_VERSION_NOT_DEPLOYED);
  }
  const taken = version.bindings.find(
    (binding) => !isSecret(binding) && (changes.get(binding.name) ?? null) !== null,
  );
  if (taken !== undefined) fail(ERRORS.BINDING_NAME_TAKEN, { name: taken.name });
  const others = version.bindings.filter(
    (binding) => !(isSecret(binding) && changes.has(binding.name)),
  );
  await redeploy(request.cloud, {
    script: script.name,
    source: clientOf(request.headers),
    triggeredBy: "secret",
    metadata: { bindings: [...others, ...[...changes.values()].filter((one) => one !== null)] },
  });
}
