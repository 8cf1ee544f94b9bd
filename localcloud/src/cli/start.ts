import { readFileSync } from "node:fs";
import { clientEnvironment } from "../environment.ts";
import type { LocalCloud, LocalCloudOptions } from "../index.ts";
import { messageOf } from "../lib/unknown.ts";
import { resetLocalCloud } from "../model/reset.ts";
import { type Seed, parseSeed } from "../seed.ts";
import { type Arguments, UsageError, readArguments, readPort, refuseWords } from "./arguments.ts";
import { type Command, DEFAULT_EDGE_PORT, DEFAULT_PORT } from "./command.ts";

export const start: Command = {
  summary: "serve the API and the edge until Ctrl-C",
  usage: `Usage: localcloud start [options]

Serves Cloudflare's deploy API and its edge on this machine until Ctrl-C.

  --persist <folder>   keep the account's state there; without it, it goes when this stops
  --reset              forget what the folder of --persist holds first
  --seed <file>        JSON: what the account has; adds what the state lacks
  --port <number>      port of the API (${DEFAULT_PORT}; 0: any free one)
  --edge-port <number> port of the edge (${DEFAULT_EDGE_PORT}; 0: any free one)
  --zone <name>        a zone to have; may be repeated (localhost)
  --eventual-consistency-ms <number>
                       have reads see a write only this much later (0)
  --strict             answer failures as Cloudflare does, without x-should-retry: false`,
  async run(args, print) {
    const given = readArguments("localcloud start", args, {
      persist: { type: "string" },
      reset: { type: "boolean" },
      seed: { type: "string" },
      port: { type: "string" },
      "edge-port": { type: "string" },
      zone: { type: "string", multiple: true },
      "eventual-consistency-ms": { type: "string" },
      strict: { type: "boolean" },
    });
    refuseWords("localcloud start", given.positionals);
    const options = readOptions(given);
    if (given.flag("reset")) await resetFolder(given.text("persist"));
    const stopped = stopSignal();
    // The other commands need not wait for Miniflare, nor for a workerd that the machine lacks.
    const { startLocalCloud } = await import("../index.ts");
    const cloud = await startLocalCloud(options);
    print(announcement(cloud, given.text("persist")));
    await stopped;
    await cloud.close();
  },
};

function readOptions(given: Arguments): LocalCloudOptions {
  const [dir, seed, zones] = [given.text("persist"), given.text("seed"), given.texts("zone")];
  return {
    port: readPort(given, "port", DEFAULT_PORT),
    edgePort: readPort(given, "edge-port", DEFAULT_EDGE_PORT),
    strict: given.flag("strict"),
    eventualConsistencyMs: given.number("eventual-consistency-ms") ?? 0,
    ...(dir === undefined ? {} : { dir }),
    ...(seed === undefined ? {} : { seed: readSeed(seed) }),
    ...(zones.length === 0 ? {} : { zones }),
  };
}

async function resetFolder(dir: string | undefined): Promise<void> {
  if (dir === undefined) {
    throw new UsageError(
      "--reset is for the folder of --persist; without one it starts empty anyway.",
    );
  }
  await resetLocalCloud(dir);
}

function readSeed(file: string): Seed {
  try {
    return parseSeed(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new Error(`--seed ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function announcement({ apiUrl, edgeUrl }: LocalCloud, dir: string | undefined): string {
  const variables = Object.entries(clientEnvironment("sdk", apiUrl));
  const { port } = new URL(apiUrl);
  return `API    ${apiUrl}
Edge   ${edgeUrl}
Page   ${new URL("/", apiUrl).href}
State  ${dir ?? "goes when this stops (--persist <folder> keeps it)"}

Serves until Ctrl-C. For wrangler: eval "$(localcloud env --client wrangler --port ${port})"
For the cloudflare SDK, Terraform and Pulumi:
${variables.map(([name, value]) => `  ${name}=${value}`).join("\n")}
`;
}

/** Resolves at the first signal to stop, also when it comes during the start; a second one kills. */
async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(signal, () => resolve());
  });
}
