import type { PropertyChange } from "./diff.ts";
import type { Resource, State } from "./resource.ts";
import type { Fields } from "./schema.ts";
import { UNKNOWN } from "./values.ts";
import type { Properties } from "./values.ts";

/** Outputs of a creation that has not happened: what the API will choose is unknown. */
export function previewCreate(resource: Resource, inputs: Properties): Properties {
  const outputs = withDefaults(resource.fields, inputs);
  for (const name of Object.keys(resource.computed)) outputs[name] = UNKNOWN;
  for (const [name, field] of Object.entries(resource.fields)) {
    if (field.filled === true && outputs[name] === undefined) outputs[name] = UNKNOWN;
  }
  return outputs;
}

/** Outputs of an update that has not happened: unknown only where these changes can change them. */
export function previewUpdate(
  resource: Resource,
  state: State,
  news: Properties,
  changes: readonly PropertyChange[],
): Properties {
  const changed = new Set(changes.map(({ path }) => /^[^.[]+/.exec(path)?.[0] ?? path));
  const outputs = withDefaults(resource.fields, news);
  for (const [name, causes] of Object.entries(resource.computed)) {
    const old = state.outputs[name];
    const stays = causes !== "any" && !causes.some((cause) => changed.has(cause));
    if (!stays) outputs[name] = UNKNOWN;
    else if (old !== undefined) outputs[name] = old;
  }
  return { ...filled(resource, state.outputs), ...outputs };
}

/** Inputs, and the defaults of those that are not stated. */
export function withDefaults(fields: Fields, inputs: Properties): Properties {
  const outputs: Properties = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = inputs[name] ?? field.default;
    if (value !== undefined && value !== null) outputs[name] = value;
  }
  return outputs;
}

function filled(resource: Resource, outputs: Properties): Properties {
  const names = Object.entries(resource.fields).filter(([, field]) => field.filled === true);
  return Object.fromEntries(
    names.flatMap(([name]) => {
      const value = outputs[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
