import type { Settings } from "@visitor-tracker/protocol";

/** The object of that name, where the settings have objects live. Nothing is asked of it yet. */
export function stubByName<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
  name: string,
  { jurisdiction, locationHint }: Settings,
): DurableObjectStub<T> {
  const there = jurisdiction === undefined ? namespace : namespace.jurisdiction(jurisdiction);
  return there.getByName(name, locationHint === undefined ? {} : { locationHint });
}
