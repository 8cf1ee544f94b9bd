import type { Cloud } from "../http/reply.ts";
import { type State, emptyState } from "../model/state.ts";
import { runnableNames } from "./runnable.ts";

/**
 * Stops every script, ends its tails and drops all storage, then makes the state what `fill` makes of an empty one. The same
 * history gives the same ids again, so storage goes first: none of it may be found by what comes after.
 * @throws when storage cannot be dropped; the scripts of the state do not run then until the next start
 */
export async function clearAccount(cloud: Cloud, fill: (draft: State) => void): Promise<void> {
  const { store, runtime, tails, deployments } = cloud;
  await deployments.run(async () => {
    tails.end("The account was reset.");
    const { namespaces, doomedNamespaces } = store.state;
    for (const name of runnableNames(store.state)) await runtime.remove(name);
    for (const { id } of namespaces) await runtime.deleteNamespace(id);
    for (const id of doomedNamespaces) await runtime.deleteNamespace(id);
    store.update((draft) => {
      Object.assign(draft, emptyState());
      fill(draft);
    });
  });
}
