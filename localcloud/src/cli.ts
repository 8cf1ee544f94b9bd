import { parseArgs } from "node:util";
import { startLocalCloud } from "./index.ts";
import { messageOf } from "./lib/unknown.ts";

const USAGE = `Usage: node localcloud/src/cli.ts start [options]

Serves Cloudflare's deploy API and its edge on this machine until Ctrl-C.

  --dir <folder>       where the account's state is kept (.local/cloud)
  --port <number>      port of the API (8789; 0: any free one)
  --edge-port <number> port of the edge (8788; 0: any free one)
  --zone <name>        a zone to have; may be repeated (localhost, visitors.localhost)
  --strict             answer failures as Cloudflare does, without x-should-retry: false
`;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: "string", default: ".local/cloud" },
      port: { type: "string", default: "8789" },
      "edge-port": { type: "string", default: "8788" },
      zone: { type: "string", multiple: true },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help || positionals.length !== 1 || positionals[0] !== "start") {
    process.stdout.write(USAGE);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const stopped = stopSignal();
  const cloud = await startLocalCloud({
    dir: values.dir,
    port: portNumber("--port", values.port),
    edgePort: portNumber("--edge-port", values["edge-port"]),
    strict: values.strict,
    ...(values.zone === undefined ? {} : { zones: values.zone }),
  });
  const variables = Object.entries(cloud.env()).map(([name, value]) => `  ${name}=${value}`);
  process.stdout.write(
    `API   ${cloud.apiUrl}\nEdge  ${cloud.edgeUrl}\n\nFor clients:\n${variables.join("\n")}\n`,
  );
  await stopped;
  await cloud.close();
}

/** Resolves at the first SIGINT or SIGTERM, also when it comes during the start; a second one kills. */
async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

function portNumber(option: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`${option}: '${text}' is not a port; use 0 to 65535.`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`localcloud: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
