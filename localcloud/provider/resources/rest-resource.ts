import { status } from "@grpc/grpc-js";
import { apiPath, jsonBody } from "../api/client.ts";
import type { ApiRequest } from "../api/client.ts";
import { ProviderError } from "../errors.ts";
import { withDefaults } from "../preview.ts";
import { reconcile } from "../reconcile.ts";
import type { Resource, State } from "../resource.ts";
import { camelize, fromWireValue, snakeCase, toWire, wireName } from "../schema.ts";
import { isObject, reveal, revealAll } from "../values.ts";
import type { Properties } from "../values.ts";

/** A resource that is one JSON object at one path. */
export interface RestTable extends Omit<Resource, "create" | "read" | "update" | "delete"> {
  /** Path parts of what is created; `:name` stands for an input. */
  readonly collection: readonly string[];
  /** Path parts after those for one object; `:id` is its id. */
  readonly item: readonly string[];
  readonly createMethod: "POST" | "PUT";
  /** Absent where every change makes a new resource. */
  readonly updateMethod?: "PUT" | "POST";
  /** Input that serves as id where the API gives none. */
  readonly idFrom?: string;
  /** Sent by an update where the program states nothing. */
  readonly updateDefaults?: Properties;
  /** DELETE may be answered with no body. */
  readonly emptyDelete?: true;
}

/** Makes the operations from the table. */
export function restResource(table: RestTable): Resource {
  const path = (properties: Properties, id: string): string => itemPath(table, properties, id);
  const { updateMethod } = table;
  return {
    ...table,
    async create({ api, signal }, inputs) {
      const body = jsonBody(toWire(table.fields, revealAll(inputs)));
      const parts = table.collection.map((part) => fill(part, inputs, ""));
      const request = { method: table.createMethod, path: apiPath(...parts), body, signal };
      const result = await api.call(request);
      return {
        id: idOf(table, request, inputs, result),
        outputs: outputsFrom(table, inputs, {}, result),
      };
    },
    async read({ api, signal }, id, state) {
      const request = { method: "GET", path: path(state.outputs, id), signal } as const;
      const answer = await api.callOrNull(request);
      if (answer === null) return null;
      const { result } = answer;
      if (!isObject(result)) throw unexpected(request, "an object as result");
      const inputs = reconcile(table.fields, state.inputs, result);
      const outputs = outputsFrom(table, inputs, state.outputs, result);
      return { id: idOf(table, request, inputs, result), inputs, outputs };
    },
    async delete({ api, signal }, id, outputs) {
      const emptyAnswer = table.emptyDelete === true;
      await api.call({ method: "DELETE", path: path(outputs, id), emptyAnswer, signal });
    },
    ...(updateMethod === undefined
      ? {}
      : ({
          async update({ api, signal }, id, state, inputs) {
            const body = jsonBody(updateBody(table, state, inputs));
            const request = { method: updateMethod, path: path(state.outputs, id), body, signal };
            return outputsFrom(table, inputs, state.outputs, await api.call(request));
          },
        } satisfies Pick<Resource, "update">)),
  };
}

function itemPath(table: RestTable, properties: Properties, id: string): string {
  return apiPath(...[...table.collection, ...table.item].map((part) => fill(part, properties, id)));
}

function fill(part: string, properties: Properties, id: string): string {
  if (!part.startsWith(":")) return part;
  const value = part === ":id" ? id : reveal(properties[part.slice(1)] ?? null);
  if (typeof value === "string" && value !== "") return value;
  throw new ProviderError(`the state holds no ${part.slice(1)}: import the resource again`);
}

/** An input that the program no longer states is sent as null, as the real provider does. */
function updateBody(table: RestTable, state: State, inputs: Properties): Properties {
  const removed = Object.entries(table.fields)
    .filter(([name, field]) => field.inPath !== true && state.inputs[name] !== undefined)
    .map(([name, field]) => [wireName(name, field), null] as const);
  const body = toWire(table.fields, revealAll(inputs));
  return { ...Object.fromEntries(removed), ...table.updateDefaults, ...body };
}

function outputsFrom(
  table: RestTable,
  inputs: Properties,
  olds: Properties,
  result: unknown,
): Properties {
  const reported = isObject(result) ? result : {};
  const outputs = withDefaults(table.fields, inputs);
  for (const name of Object.keys(table.computed)) {
    const value = camelize(reported[snakeCase(name)]) ?? olds[name] ?? null;
    if (value !== null) outputs[name] = value;
  }
  for (const [name, field] of Object.entries(table.fields)) {
    if (field.filled !== true || inputs[name] !== undefined) continue;
    const value = fromWireValue(field, reported[wireName(name, field)]) ?? olds[name];
    if (value !== undefined) outputs[name] = value;
  }
  return outputs;
}

function idOf(
  table: RestTable,
  request: Pick<ApiRequest, "method" | "path">,
  inputs: Properties,
  result: unknown,
): string {
  const { idFrom } = table;
  const fromApi = isObject(result) ? result["id"] : undefined;
  const id = idFrom === undefined ? fromApi : reveal(inputs[idFrom] ?? null);
  if (typeof id === "string" && id !== "") return id;
  throw unexpected(request, "an id in the result");
}

function unexpected(request: Pick<ApiRequest, "method" | "path">, wanted: string): ProviderError {
  const code = request.method === "GET" ? status.FAILED_PRECONDITION : status.UNKNOWN;
  return new ProviderError(`${request.method} ${request.path}: the answer lacks ${wanted}`, code);
}
