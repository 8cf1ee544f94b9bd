import { ERRORS, fail } from "../errors.ts";
import type { Cloud } from "../http/reply.ts";
import { scriptNamed } from "../model/state.ts";
import { dropScript } from "./history.ts";
import { bindingsInto, tailProducersOf } from "./runnable.ts";
import { applyDeployment } from "./swap.ts";

/**
 * Deletes a script with its namespaces and their storage, its routes, its custom domains,
 * its cron triggers and its tails.
 * @throws {ApiError} 10007 when there is none, 10064 when other scripts need it and `force` is false
 */
export async function removeScript(
  cloud: Cloud,
  name: string,
  { force }: { force: boolean },
): Promise<void> {
  await cloud.deployments.run(async () => {
    const { state } = cloud.store;
    if (scriptNamed(state, name) === undefined) fail(ERRORS.SCRIPT_NOT_FOUND);
    const bound = bindingsInto(state, name).map(({ script }) => script);
    const tailed = tailProducersOf(state, name).map((producer) => producer.name);
    const users = [...new Set([...bound, ...tailed])].filter((user) => user !== name);
    if (users.length > 0 && !force)
      fail(ERRORS.SCRIPT_REFERENCED, { name, users: users.join(", ") });
    await applyDeployment(cloud, name, (draft) => {
      dropScript(draft, name);
      const own = draft.namespaces.filter((namespace) => namespace.script === name);
      draft.doomedNamespaces.push(...own.map(({ id }) => id));
      draft.namespaces = draft.namespaces.filter((namespace) => !own.includes(namespace));
      draft.routes = draft.routes.filter((route) => route.script !== name);
      draft.domains = draft.domains.filter((domain) => domain.service !== name);
      draft.schedules = draft.schedules.filter((schedule) => schedule.script !== name);
    });
    cloud.tails.end("The script was deleted.", name);
  });
}
