import { isRecord } from "../lib/unknown.ts";
import { uuid } from "./ids.ts";
import { STATE_FORMAT, type State, emptyState } from "./state.ts";

type Json = Record<string, unknown>;

/**
 * `UPGRADES[n]` makes a state of format `n + 1` of one of format `n`. Whoever raises STATE_FORMAT adds one,
 * and a folder of the format before to `test/fixtures/`. A step never changes once it is released.
 */
const UPGRADES: Readonly<Record<number, (old: Json) => Json>> = {
  1: (old) => ({ ...old, plan: "paid" }),
  2: addDeployments,
  3: (old) => ({ ...old, schedules: [] }),
};

/**
 * The state that a file holds, in the format of this version.
 * @throws Error that says what is wrong; the caller says with which file
 */
export function upgradeState(value: unknown): { state: State; from: number } {
  const from = isRecord(value) ? value["format"] : undefined;
  if (!isRecord(value) || typeof from !== "number") {
    throw new Error(
      `has format ${JSON.stringify(from)}, and this version reads format ${STATE_FORMAT}.`,
    );
  }
  if (from > STATE_FORMAT) {
    throw new Error(
      `has format ${from}, of a newer version than this one, which reads format ${STATE_FORMAT}. Use that version.`,
    );
  }
  let state: Json = value;
  for (let format = from; format < STATE_FORMAT; format++) {
    const upgrade = UPGRADES[format];
    if (upgrade === undefined) throw new Error(`has format ${from}, which no version wrote.`);
    state = { ...upgrade(state), format: format + 1 };
  }
  if (isState(state)) return { state, from };
  throw new Error(`lacks parts of a state of format ${from}.`);
}

/** The file is our own and is replaced as a whole, so its outline is enough. */
function isState(value: unknown): value is State {
  if (!isRecord(value)) return false;
  return Object.entries(emptyState()).every(
    ([key, example]) =>
      typeof value[key] === typeof example && Array.isArray(value[key]) === Array.isArray(example),
  );
}

/** Up to format 2 an upload was a deployment, and the first version served. */
function addDeployments(state: Json): Json {
  const ordinals: Json = { ...record(state["ordinals"]) };
  const scripts = records(state["scripts"]).map((script) => {
    const tag = String(script["tag"]);
    const versions = records(script["versions"]);
    ordinals[`version:${tag}`] = Number(versions[0]?.["number"] ?? 0);
    ordinals[`deployment:${tag}`] = Number(versions[0]?.["number"] ?? 0);
    const deployments = versions.map(({ id, number, createdOn, source }) => ({
      id: uuid("deployment", tag, Number(number)),
      createdOn,
      source,
      annotations: { "workers/triggered_by": "upload" },
      versions: [{ id, percentage: 100 }],
    }));
    return { ...script, deployments };
  });
  return { ...state, ordinals, scripts };
}

function records(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}
