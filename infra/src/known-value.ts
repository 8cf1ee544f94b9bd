import * as pulumi from "@pulumi/pulumi";

/** What an input holds; `isKnown` is false for a value that only an update tells. */
export type KnownValue =
  | { readonly isKnown: true; readonly value: unknown; readonly isSecret: boolean }
  | { readonly isKnown: false };

/** Waits for an input. Its value is in clear, also when it is a secret. */
export async function knownValue(input: pulumi.Input<unknown>): Promise<KnownValue> {
  const output: pulumi.Output<unknown> = pulumi.output(input);
  // The SDK leaves this property of outputs out of its types; without a value, apply never calls back.
  const isKnown: unknown = Reflect.get(output, "isKnown");
  if ((await Promise.resolve(isKnown)) !== true) return { isKnown: false };
  const value = await new Promise<unknown>((resolve) => {
    output.apply(resolve);
  });
  return { isKnown: true, value, isSecret: await pulumi.isSecret(output) };
}

/** Text that an input holds; undefined when it holds none, or none that is known. */
export async function knownText(input: pulumi.Input<unknown>): Promise<string | undefined> {
  const known = await knownValue(input);
  return known.isKnown && typeof known.value === "string" ? known.value : undefined;
}

/**
 * Leaves the rejection of an output to those who wait for it. They may come late, and Node warns of
 * every rejection that is handled only then.
 */
export function leaveRejection(output: pulumi.Output<unknown>): void {
  for (const name of ["isKnown", "isSecret"]) {
    const property: unknown = Reflect.get(output, name);
    Promise.resolve(property).catch(() => {});
  }
}
