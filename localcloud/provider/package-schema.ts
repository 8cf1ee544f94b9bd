import { RESOURCES } from "./resources/index.ts";
import type { Field, Fields } from "./schema.ts";
import { VERSION } from "./version.ts";

/**
 * The package schema of what is covered, as JSON: enough for `pulumi import` to write a program.
 * @see https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
 */
export function describePackage(): string {
  const types: Record<string, unknown> = {};
  const resources = [...RESOURCES.values()].map((resource) => {
    const prefix = resource.token.slice(resource.token.lastIndexOf(":") + 1);
    const inputProperties = describeFields(resource.fields, prefix, types);
    const requiredInputs = required(resource.fields);
    return [resource.token, { inputProperties, requiredInputs, properties: inputProperties }];
  });
  return JSON.stringify({
    name: "cloudflare",
    version: VERSION,
    meta: { moduleFormat: "(.*)(?:/[^/]*)" },
    types,
    resources: Object.fromEntries(resources),
  });
}

function describeFields(
  fields: Fields,
  prefix: string,
  types: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const own = prefix + name.charAt(0).toUpperCase() + name.slice(1);
      return [name, { ...describeField(field, own, types), ...(field.secret && { secret: true }) }];
    }),
  );
}

function describeField(field: Field, name: string, types: Record<string, unknown>): object {
  if (typeof field.type === "string") return { type: field.type };
  if ("list" in field.type) {
    return { type: "array", items: describeField(field.type.list, name, types) };
  }
  const { object } = field.type;
  const token = `cloudflare:index/${name}:${name}`;
  types[token] = {
    type: "object",
    properties: describeFields(object, name, types),
    required: required(object),
  };
  return { $ref: `#/types/${token}` };
}

function required(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, field]) => (field.required === true ? [name] : []));
}
