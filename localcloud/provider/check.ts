import type { Resource } from "./resource.ts";
import { parseJson } from "./schema.ts";
import type { Field, Fields } from "./schema.ts";
import {
  insideSecret,
  isObject,
  isSecret,
  isUnknown,
  secret,
  signatureOf,
  tidy,
} from "./values.ts";
import type { Properties, PropertyValue } from "./values.ts";

/** Inputs as they will be kept, and what is wrong with them. */
export interface Checked {
  readonly inputs: Properties;
  readonly complaints: readonly string[];
}

/**
 * Checks a resource's inputs. A stand-in must not drop what it does not know: an unknown property is
 * a complaint. Complaints name the property with its path and never a secret's value.
 */
export async function checkInputs(
  resource: Pick<Resource, "fields" | "uncovered" | "check">,
  news: Properties,
  programDir: string,
): Promise<Checked> {
  const complaints: string[] = [];
  const covered = withoutUncovered(resource, tidy(news), complaints);
  const inputs = checkObject(resource.fields, covered, "", complaints);
  if (complaints.length === 0 && resource.check !== undefined) {
    complaints.push(...(await resource.check(inputs, programDir)));
  }
  return { inputs, complaints };
}

function withoutUncovered(
  resource: Pick<Resource, "uncovered">,
  news: Properties,
  complaints: string[],
): Properties {
  const entries = Object.entries(news).filter(([name]) => {
    if (!resource.uncovered.includes(name)) return true;
    complaints.push(
      `${name}: the local stand-in for the Cloudflare provider does not know this input; ` +
        "leave it out on the local stack, or use the real plugin",
    );
    return false;
  });
  return Object.fromEntries(entries);
}

function checkObject(
  fields: Fields,
  properties: Properties,
  path: string,
  complaints: string[],
): Properties {
  const checked: Properties = {};
  for (const [name, value] of Object.entries(properties)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      complaints.push(`${join(path, name)}: unknown property; known are ${known(fields)}`);
      continue;
    }
    checked[name] = checkValue(field, value, join(path, name), complaints);
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.required === true && properties[name] === undefined) {
      complaints.push(`${join(path, name)}: required, but not set`);
    }
  }
  return checked;
}

function checkValue(
  field: Field,
  value: PropertyValue,
  path: string,
  complaints: string[],
): PropertyValue {
  if (isUnknown(value)) return value;
  const complain = (text: string): void => {
    complaints.push(`${path}: ${text}`);
  };
  const check = (plain: PropertyValue): PropertyValue => {
    if (isUnknown(plain) || plain === null) return plain;
    if (signatureOf(plain) !== null)
      complain(`expected ${describe(field)}, got an asset or archive`);
    else if (typeof field.type === "string") checkScalar(field, plain, complain);
    else if ("list" in field.type) {
      const { list: item } = field.type;
      if (Array.isArray(plain)) {
        return plain.map((entry, i) => checkValue(item, entry, `${path}[${i}]`, complaints));
      }
      complain(`expected ${describe(field)}, got ${kindOf(plain)}`);
    } else if (isObject(plain) && !Array.isArray(plain)) {
      return checkObject(field.type.object, plain, path, complaints);
    } else complain(`expected ${describe(field)}, got ${kindOf(plain)}`);
    return plain;
  };
  const checked = insideSecret(value, check);
  return field.secret === true && !isSecret(checked) ? secret(checked) : checked;
}

function checkScalar(field: Field, value: PropertyValue, complain: (text: string) => void): void {
  const wanted = field.type === "integer" ? "number" : field.type;
  if (typeof value !== wanted) {
    complain(`expected ${describe(field)}, got ${kindOf(value)}`);
  } else if (field.type === "integer" && !Number.isInteger(value)) {
    complain(`expected a whole number, got ${JSON.stringify(value)}`);
  } else if (field.inPath === true && value === "") {
    complain("is empty; it is part of the request's path");
  } else if (field.json === true && typeof value === "string" && parseJson(value) === undefined) {
    complain("is not JSON; write JSON.stringify(value)");
  }
}

function describe(field: Field): string {
  if (typeof field.type !== "string") return "list" in field.type ? "a list" : "an object";
  return {
    string: "a string",
    integer: "a whole number",
    number: "a number",
    boolean: "a boolean",
  }[field.type];
}

function kindOf(value: PropertyValue): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function known(fields: Fields): string {
  return Object.keys(fields).toSorted().join(", ");
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
