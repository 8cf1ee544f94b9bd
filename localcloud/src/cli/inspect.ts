import { CLIENTS, clientEnvironment } from "../environment.ts";
import { resetLocalCloud } from "../model/reset.ts";
import { UsageError, readArguments, readPort, refuseWords } from "./arguments.ts";
import { runningCloud } from "./client.ts";
import { type Command, DEFAULT_PORT } from "./command.ts";

export const status: Command = {
  summary: "say what runs, and what the account has",
  usage: `Usage: localcloud status [options]

Says what runs and what the account has; exit code 1 when nothing runs.

  --port <number>  port of the API (${DEFAULT_PORT})
  --json           as JSON`,
  async run(args, print) {
    const given = readArguments("localcloud status", args, {
      port: { type: "string" },
      json: { type: "boolean" },
    });
    refuseWords("localcloud status", given.positionals);
    const answer = await runningCloud(readPort(given, "port", DEFAULT_PORT)).ask("GET", "status");
    if (given.flag("json")) print(JSON.stringify(answer));
    else for (const [name, value] of Object.entries(answer)) print(line(name, value));
  },
};

function line(name: string, value: unknown): string {
  const texts = [value ?? ""].flat().map(String);
  return `${name.padEnd(12)} ${texts.join(", ")}`.trimEnd();
}

export const reset: Command = {
  summary: "forget what the account holds",
  usage: `Usage: localcloud reset [options]

Makes the account what it was at the start: scripts, versions, routes, and the objects' storage go. The
local cloud goes on running.

  --port <number>    port of the API of the one that runs (${DEFAULT_PORT})
  --persist <folder> instead: empty this folder, which no local cloud may be using`,
  async run(args) {
    const given = readArguments("localcloud reset", args, {
      port: { type: "string" },
      persist: { type: "string" },
    });
    refuseWords("localcloud reset", given.positionals);
    const dir = given.text("persist");
    if (dir === undefined) {
      await runningCloud(readPort(given, "port", DEFAULT_PORT)).ask("POST", "reset");
    } else {
      await resetLocalCloud(dir);
    }
  },
};

export const env: Command = {
  summary: "print the environment variables that point a client here",
  usage: `Usage: localcloud env [options]

Prints the environment variables that point a client at the local cloud: eval "$(localcloud env)".

  --client <name>  ${CLIENTS.join(", ")} (sdk)
  --port <number>  port of the API (${DEFAULT_PORT})
  --json           as JSON`,
  async run(args, print) {
    const given = readArguments("localcloud env", args, {
      client: { type: "string" },
      port: { type: "string" },
      json: { type: "boolean" },
    });
    refuseWords("localcloud env", given.positionals);
    const name = given.text("client") ?? "sdk";
    const client = CLIENTS.find((known) => known === name);
    if (client === undefined)
      throw new UsageError(`--client: '${name}' is not known; give ${CLIENTS.join(", ")}.`);
    const port = readPort(given, "port", DEFAULT_PORT);
    const variables = clientEnvironment(client, `http://127.0.0.1:${port}/client/v4`);
    if (given.flag("json")) print(JSON.stringify(variables));
    else for (const entry of Object.entries(variables)) print(`export ${entry.join("=")}`);
  },
};
