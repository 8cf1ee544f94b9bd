import { isRecord } from "../lib/unknown.ts";
import { readArguments, readPort, refuseWords } from "./arguments.ts";
import { type RunningCloud, runningCloud } from "./client.ts";
import { type Command, DEFAULT_PORT } from "./command.ts";

const LAST = 50;

export const logs: Command = {
  summary: "print the requests to the API",
  usage: `Usage: localcloud logs [options]

Prints the last requests to the API, secrets masked.

  --follow         go on with each one that comes, until Ctrl-C
  --last <number>  how many to begin with (${LAST})
  --port <number>  port of the API (${DEFAULT_PORT})
  --json           one JSON text a line, with bodies`,
  async run(args, print) {
    const given = readArguments("localcloud logs", args, {
      follow: { type: "boolean" },
      last: { type: "string" },
      port: { type: "string" },
      json: { type: "boolean" },
    });
    refuseWords("localcloud logs", given.positionals);
    const cloud = runningCloud(readPort(given, "port", DEFAULT_PORT));
    const show = given.flag("json") ? JSON.stringify : lineOf;
    const last = given.number("last") ?? LAST;
    if (given.flag("follow")) {
      for await (const entry of follow(cloud, last)) print(show(entry));
      return;
    }
    const { entries } = await cloud.ask("GET", `journal?last=${last}`);
    for (const entry of Array.isArray(entries) ? entries : []) print(show(entry));
  },
};

/**
 * Ends when the local cloud does.
 * @yields entries of the journal
 */
async function* follow(cloud: RunningCloud, last: number): AsyncGenerator<unknown, void> {
  const { body } = await cloud.open("GET", `journal/stream?last=${last}`);
  if (body === null) return;
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data: ")) yield JSON.parse(line.slice(6));
  }
}

/** `12:00:01.234 PUT /accounts/…/scripts/app 200 312 ms`, and a line for each error. */
function lineOf(entry: unknown): string {
  if (!isRecord(entry)) return String(entry);
  const time = String(entry["at"]).slice(11, 23);
  const path = String(entry["path"]).replace(/^\/client\/v4/, "");
  const status = entry["status"] === 0 ? "no answer" : String(entry["status"]);
  const fault = entry["fault"] === true ? " (fault)" : "";
  const errors = Array.isArray(entry["errors"]) ? entry["errors"] : [];
  return [
    `${time} ${String(entry["method"])} ${path} ${status} ${String(entry["durationMs"])} ms${fault}`,
    ...errors.filter(isRecord).map(({ code, message }) => `  ${String(code)} ${String(message)}`),
  ].join("\n");
}
