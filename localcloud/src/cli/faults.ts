import { isRecord, messageOf } from "../lib/unknown.ts";
import { type Arguments, UsageError, readArguments, readPort, refuseWords } from "./arguments.ts";
import { type RunningCloud, runningCloud } from "./client.ts";
import { type Command, DEFAULT_PORT } from "./command.ts";

/** Field of a rule, by the option that sets it. */
const TEXT_OPTIONS = { method: "method", path: "path", message: "message", html: "html" };
const NUMBER_OPTIONS = {
  skip: "skip",
  times: "times",
  "delay-ms": "delayMs",
  status: "status",
  code: "code",
  "retry-after": "retryAfter",
};
const FLAG_OPTIONS = { drop: "drop", truncate: "truncate", after: "after" };

export const faults: Command = {
  summary: "make requests fail: add, list, remove, clear",
  usage: `Usage: localcloud faults add [rule] | list | remove <id> | clear

Makes requests to the API fail. A rule acts once, on the next request that it matches:

  --method <name>      requests with this method (any)
  --path <pattern>     requests whose path below /client/v4 has this regular expression (any)
  --skip <number>      matching requests to let through first (0)
  --times <number>     how often it acts (1)
  --delay-ms <number>  wait before anything else
  --status <number>    answer with this status; --code, --message, --html, --header <name: value> and
                       --retry-after <seconds> say how
  --drop               close the connection without an answer
  --truncate           send half of the answer, then close the connection
  --after              do what the request asks first: applied, but the answer is lost
  --rule <json>        instead of all these: a rule, or a list of rules

  --eventual-consistency-ms <number>  besides: have reads see a write only this much later
  --port <number>      port of the API (${DEFAULT_PORT})

clear also has reads see every write at once again.`,
  async run(args, print) {
    const given = readArguments("localcloud faults", args, {
      ...optionsOf(Object.keys({ ...TEXT_OPTIONS, ...NUMBER_OPTIONS }), "string"),
      ...optionsOf(Object.keys(FLAG_OPTIONS), "boolean"),
      header: { type: "string", multiple: true },
      rule: { type: "string" },
      "eventual-consistency-ms": { type: "string" },
      port: { type: "string" },
    });
    const [action = "", ...words] = given.positionals;
    const cloud = runningCloud(readPort(given, "port", DEFAULT_PORT));
    const answer = await act(action, words, given, cloud);
    for (const fault of Array.isArray(answer["faults"]) ? answer["faults"] : []) {
      print(JSON.stringify(fault));
    }
    const { eventualConsistencyMs: ms } = answer;
    if (ms !== 0) print(`eventualConsistencyMs ${String(ms)}`);
  },
};

function optionsOf<T extends "string" | "boolean">(
  names: readonly string[],
  type: T,
): Record<string, { type: T }> {
  return Object.fromEntries(names.map((name) => [name, { type }]));
}

async function act(
  action: string,
  words: readonly string[],
  given: Arguments,
  cloud: RunningCloud,
): Promise<Record<string, unknown>> {
  if (action === "remove") {
    const [id = "", ...more] = words;
    if (!/^\d+$/.test(id))
      throw new UsageError(`localcloud faults remove takes an id, not '${id}'.`);
    refuseWords("localcloud faults", more);
    return await cloud.ask("DELETE", `faults/${id}`);
  }
  refuseWords("localcloud faults", words);
  if (action === "add") return await add(given, cloud);
  if (action === "list") return await cloud.ask("GET", "faults");
  if (action === "clear") return await cloud.ask("DELETE", "faults");
  const said = action === "" ? "needs a word more" : `has no '${action}'`;
  throw new UsageError(`localcloud faults ${said}; it has add, list, remove and clear.`);
}

async function add(given: Arguments, cloud: RunningCloud): Promise<Record<string, unknown>> {
  const lagMs = given.number("eventual-consistency-ms");
  const rule = readRule(given);
  const isRule = !isRecord(rule) || Object.keys(rule).length > 0;
  if (lagMs !== undefined && !isRule) {
    return await cloud.ask("PUT", "consistency", { eventualConsistencyMs: lagMs });
  }
  const answer = await cloud.ask("POST", "faults", rule);
  if (lagMs === undefined) return answer;
  return await cloud.ask("PUT", "consistency", { eventualConsistencyMs: lagMs });
}

function readRule(given: Arguments): unknown {
  const entries = [
    ...fieldsOf(TEXT_OPTIONS, (option) => given.text(option)),
    ...fieldsOf(NUMBER_OPTIONS, (option) => given.number(option)),
    ...fieldsOf(FLAG_OPTIONS, (option) => given.flag(option) || undefined),
  ];
  const headers = given.texts("header").map(readHeader);
  if (headers.length > 0) entries.push(["headers", Object.fromEntries(headers)]);
  const json = given.text("rule");
  if (json === undefined) return Object.fromEntries(entries);
  if (entries.length > 0) {
    throw new UsageError(`--rule is the whole rule; leave the options for ${entries[0]?.[0]} out.`);
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`--rule is no JSON: ${messageOf(error)}`, { cause: error });
  }
}

function fieldsOf(
  options: Readonly<Record<string, string>>,
  read: (option: string) => unknown,
): [string, unknown][] {
  return Object.entries(options)
    .map(([option, field]): [string, unknown] => [field, read(option)])
    .filter(([, value]) => value !== undefined);
}

function readHeader(text: string): [string, string] {
  const [, name, value] = /^([^:]+):\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new UsageError(`--header: '${text}' is not a header; give 'name: value'.`);
}
