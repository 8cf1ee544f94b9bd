import { status } from "@grpc/grpc-js";
import { checkInputs } from "./check.ts";
import { diffResource } from "./diff.ts";
import { ProviderError } from "./errors.ts";
import { FUNCTIONS } from "./functions/index.ts";
import { previewCreate, previewUpdate } from "./preview.ts";
import type { Observed, OperationContext, Resource, State } from "./resource.ts";
import { RESOURCES } from "./resources/index.ts";
import { hasUnknowns, revealAll } from "./values.ts";
import type { Properties } from "./values.ts";

/** The resource that a URN (or a bare type) names. Throws for a type that is not covered. */
export function resourceFor(urn: string, type: string): Resource {
  const token = type === "" ? typeOf(urn) : type;
  const resource = RESOURCES.get(token);
  if (resource !== undefined) return resource;
  throw new ProviderError(
    `${token}: the local stand-in for the Cloudflare provider does not cover this resource type; ` +
      `it covers ${[...RESOURCES.keys()].map(shortName).join(", ")}`,
  );
}

function typeOf(urn: string): string {
  const type = /^urn:pulumi:[^:]*::[^:]*::(.+?)::/.exec(urn)?.[1]?.split("$").at(-1);
  if (type === undefined) throw new ProviderError(`'${urn}' is no URN`, status.INVALID_ARGUMENT);
  return type;
}

function shortName(token: string): string {
  return token.slice(token.lastIndexOf(":") + 1);
}

/** Makes a resource; without a context, tells what is known of it before. */
export async function createResource(
  resource: Resource,
  context: OperationContext | null,
  inputs: Properties,
): Promise<Omit<Observed, "inputs">> {
  if (context === null) return { id: "", outputs: previewCreate(resource, inputs) };
  refuseUnknowns(inputs);
  return resource.create(context, inputs);
}

/** Outputs after an update; without a context, unknown where only the update tells. */
export async function updateResource(
  resource: Resource,
  context: OperationContext | null,
  request: { id: string; state: State; inputs: Properties; ignoreChanges: readonly string[] },
): Promise<Properties> {
  const { id, state, inputs, ignoreChanges } = request;
  if (context === null) {
    const changes = diffResource(resource, state, inputs, { ignoreChanges });
    return previewUpdate(resource, state, inputs, changes);
  }
  refuseUnknowns(inputs);
  if (resource.update !== undefined) return resource.update(context, id, state, inputs);
  throw new ProviderError(`${shortName(resource.token)} has no update: every change replaces it`);
}

/** A refresh, or an import when nothing but the id is known. */
export async function readResource(
  resource: Resource,
  context: OperationContext,
  id: string,
  state: State,
): Promise<Observed | null> {
  if (Object.keys(state.outputs).length > 0) return resource.read(context, id, state);
  const parts = importParts(resource, id);
  const { id: ownId, ...known } = parts;
  return resource.read(context, ownId ?? id, { inputs: known, outputs: known });
}

function importParts(resource: Resource, id: string): Record<string, string> {
  const names = resource.importId;
  const parts = id.split("/");
  if (parts.length !== names.length || parts.includes("")) {
    const wanted = names.map((name) => (name === "id" ? "its id" : name)).join("/");
    throw new ProviderError(
      `cannot import '${id}' as ${shortName(resource.token)}: the id must be ${wanted}`,
      status.INVALID_ARGUMENT,
    );
  }
  return Object.fromEntries(names.map((name, i) => [name, parts[i] ?? ""]));
}

/** Calls a function after checking its arguments as inputs are checked. */
export async function invokeFunction(
  token: string,
  context: OperationContext,
  args: Properties,
): Promise<{ result: Properties; complaints: readonly string[] }> {
  const called = FUNCTIONS.get(token);
  if (called === undefined) {
    throw new ProviderError(
      `${token}: the local stand-in for the Cloudflare provider does not cover this function; ` +
        `it covers ${[...FUNCTIONS.keys()].map(shortName).join(", ")}`,
    );
  }
  const table = { fields: called.fields, uncovered: [] };
  const { complaints, inputs } = await checkInputs(table, args, context.programDir);
  // Nothing can be looked up with an unknown; the engine takes an empty answer for "not known".
  if (complaints.length > 0 || hasUnknowns(inputs)) return { result: {}, complaints };
  return { result: await called.call(context, revealAll(inputs)), complaints };
}

function refuseUnknowns(inputs: Properties): void {
  const unknown = Object.keys(inputs).filter((name) => hasUnknowns(inputs[name]));
  if (unknown.length === 0) return;
  throw new ProviderError(
    `${unknown.join(", ")}: not known although this is no preview`,
    status.INVALID_ARGUMENT,
  );
}
