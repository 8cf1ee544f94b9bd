import type * as pulumi from "@pulumi/pulumi";
import { isRecord } from "./is-record.ts";
import { knownText } from "./known-value.ts";
import { COMPONENT_TYPE, SCRIPT_TYPE } from "./previous-run.ts";

/** Which component of a stack is meant: a program may have several, below parents of their own. */
export interface ComponentIdentity {
  readonly urn: string;
  /** Names that it had, by its aliases. */
  readonly formerNames: readonly string[];
}

/** What a stack's state has of one component. */
export interface OwnState {
  /** Name that the component has there, as its children do. */
  readonly name: string;
  /** As the engine answers, with the component and its children alone. */
  readonly state: { readonly outputs: { readonly [urn: string]: unknown } };
}

/** @param aliases as in the component's options */
export async function identify(
  component: pulumi.ComponentResource,
  name: string,
  aliases: pulumi.ComponentResourceOptions["aliases"] = [],
): Promise<ComponentIdentity> {
  const [urn = "", ...formerNames] = await Promise.all([
    knownText(component.urn),
    ...aliases.map((alias) => nameOf(alias, name)),
  ]);
  return { urn, formerNames };
}

/** An alias says only what was different. */
async function nameOf(alias: pulumi.Input<string | pulumi.Alias>, name: string): Promise<string> {
  if (isRecord(alias) && "name" in alias) return (await knownText(alias["name"])) ?? name;
  const urn = await knownText(alias);
  return urn?.split("::").at(-1) ?? name;
}

/**
 * Finds a component in a stack's state: by its URN, else by a name that it had.
 * @param state what the engine answers about the resources of a stack
 */
export function findOwn(state: unknown, { urn, formerNames }: ComponentIdentity): OwnState {
  const outputs = isRecord(state) && isRecord(state["outputs"]) ? state["outputs"] : {};
  const type = typeOf(urn);
  const select = (name: string, isOwn: (type: string) => boolean): OwnState => {
    const entries = Object.entries(outputs).filter(
      ([other]) => other.endsWith(`::${name}`) && isOwn(typeOf(other)),
    );
    return { name, state: { outputs: Object.fromEntries(entries) } };
  };
  const own = select(lastOf(urn), (other) => other === type || other.startsWith(`${type}$`));
  const former = formerNames.map((name) =>
    select(name, (other) => other.split("$").includes(COMPONENT_TYPE)),
  );
  return [own, ...former].find((found) => Object.keys(found.state.outputs).length > 0) ?? own;
}

/**
 * URN of the script that another component of the stack has under this name. To upload over it would be
 * to lose it: the engine deletes what the program no longer has after it made what is new.
 * @param state what the engine answers about the resources of a stack
 * @returns undefined when the name is no other component's
 */
export function findOthersScript(
  state: unknown,
  own: OwnState,
  { scriptName, accountId }: { readonly scriptName: string; readonly accountId: string },
): string | undefined {
  const outputs = isRecord(state) && isRecord(state["outputs"]) ? state["outputs"] : {};
  return Object.keys(outputs).find((urn) => {
    const resource = outputs[urn];
    if (urn in own.state.outputs || !isRecord(resource)) return false;
    const { type, outputs: script } = resource;
    if (type !== SCRIPT_TYPE || !isRecord(script)) return false;
    return script["scriptName"] === scriptName && script["accountId"] === accountId;
  });
}

/** Type with those of its parents, but the stack's. */
function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").replace("pulumi:pulumi:Stack$", "");
}

function lastOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
