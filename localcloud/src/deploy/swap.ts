import { ApiError, ERRORS, fail } from "../errors.ts";
import type { Cloud } from "../http/reply.ts";
import { messageOf } from "../lib/unknown.ts";
import type { State } from "../model/state.ts";
import { BindingError, type RunnableScript, ScriptError } from "../runtime/types.ts";
import { runnableScripts, runsTheSame } from "./runnable.ts";

/**
 * Changes the state and what runs as one: `change` is applied to a copy, the scripts that it touches are
 * started, then the copy is saved. Fails without a trace: the scripts that ran before are started again.
 * Storage of deleted namespaces goes last, so that it is never missing from a state that names it.
 */
export async function applyDeployment(
  cloud: Cloud,
  name: string,
  change: (draft: State) => void,
): Promise<void> {
  const { store, runtime } = cloud;
  const before = runnableScripts(store.state, store.blobs);
  const planned = structuredClone(store.state);
  change(planned);
  const after = runnableScripts(planned, store.blobs);
  const started: string[] = [];
  try {
    for (const script of await scriptsToStart(cloud, { before, after, name })) {
      if (after.has(script)) await runtime.deploy(script, after);
      else await runtime.remove(script);
      started.push(script);
    }
    // Applied again to what the state is by now: requests that need no deployment do not wait for this one.
    store.update(change);
  } catch (error) {
    await restore(cloud, started, before);
    if (error instanceof ApiError) throw error;
    const isUploads = error instanceof ScriptError || error instanceof BindingError;
    fail(isUploads ? ERRORS.INVALID_UPLOAD : ERRORS.INTERNAL, { reason: messageOf(error) });
  }
  await dropDoomedStorage(cloud);
}

interface Plan {
  before: ReadonlyMap<string, RunnableScript>;
  after: ReadonlyMap<string, RunnableScript>;
  name: string;
}

/**
 * What runs differently, `name` in its turn. A script that lost a namespace goes before the one that got it:
 * two of them must never hold its storage. One that is removed goes first of all; what was deployed beside
 * it goes when nothing needs it any more.
 */
async function scriptsToStart(cloud: Cloud, { before, after, name }: Plan): Promise<string[]> {
  const changed = [...after.keys()].filter(
    (script) => !runsTheSame(before.get(script), after.get(script)),
  );
  const others = changed.filter((script) => script !== name);
  const gives = losesNamespace(before.get(name), after.get(name));
  const gone = [...before.keys()].filter((script) => script !== name && !after.has(script));
  if (!after.has(name)) return [...gone, name, ...others];
  const mustStart = changed.includes(name) || (await cloud.runtime.address(name)) === null;
  const own = mustStart ? [name] : [];
  return gives ? [...own, ...others, ...gone] : [...others, ...own, ...gone];
}

function losesNamespace(
  before: RunnableScript | undefined,
  after: RunnableScript | undefined,
): boolean {
  const kept = new Set(after?.namespaces.map(({ id }) => id));
  return before?.namespaces.some(({ id }) => !kept.has(id)) ?? false;
}

async function restore(
  { runtime, onWarning }: Cloud,
  names: readonly string[],
  before: ReadonlyMap<string, RunnableScript>,
): Promise<void> {
  for (const name of names.toReversed()) {
    try {
      if (before.has(name)) await runtime.deploy(name, before);
      else await runtime.remove(name);
    } catch (error) {
      onWarning(`Script '${name}' could not be put back: ${messageOf(error)} Upload it again.`);
    }
  }
}

/**
 * Drops the storage of namespaces that are gone from the state. What cannot be dropped is tried again at the
 * next start: what the request asked for is done all the same.
 */
export async function dropDoomedStorage({ store, runtime, onWarning }: Cloud): Promise<void> {
  const dropped: string[] = [];
  for (const id of store.state.doomedNamespaces) {
    try {
      await runtime.deleteNamespace(id);
      dropped.push(id);
    } catch (error) {
      onWarning(`The storage of namespace ${id} could not be dropped: ${messageOf(error)}`);
    }
  }
  if (dropped.length === 0) return;
  store.update((draft) => {
    draft.doomedNamespaces = draft.doomedNamespaces.filter((id) => !dropped.includes(id));
  });
}
