import { messageOf } from "./files.ts";
import { parseOptions } from "./options.ts";

export interface LocalOptions {
  /** Run the smoke test against what was deployed and exit with its verdict. */
  once: boolean;
  /** Deploy again when a source changes. */
  watch: boolean;
  /** Forget the stack and its data first. */
  reset: boolean;
  /** Print one line of JSON when ready; everything else goes to standard error. */
  json: boolean;
  /** Of the edge; 0 for any free one. */
  port: number;
  /** Of the API; 0 for any free one. */
  apiPort: number;
}

export const LOCAL_USAGE = `Usage: npm run local [-- <options>]

Deploys the product to a local cloud on this machine with the real Pulumi engine, and serves it until
Ctrl-C. No Cloudflare account is needed, and nothing leaves this machine.

  --once             run the smoke test, stop everything and exit with its verdict
  --watch            deploy again when worker/, protocol/, infra/ or the stack's config change
  --reset            forget the stack and its data first
  --json             print one line of JSON on standard output when ready, the rest on standard error
  --port <n>         where deployed Workers answer (default 8788; 0: any free port)
  --api-port <n>     where the local cloud's API answers (default 8789; 0: any free port)
  --help             print this

State is kept in .local/ of this checkout; VISITOR_TRACKER_STATE_DIR names another folder.`;

/** A command line that cannot be followed; the message says why. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * @returns "help" when that is asked for
 * @throws UsageError
 */
export function parseLocalOptions(args: readonly string[]): LocalOptions | "help" {
  const values = parse(args);
  if (values.help) return "help";
  if (values.once && values.watch) {
    throw new UsageError("--once and --watch contradict each other; give one of them.");
  }
  const port = parsePort("--port", values.port);
  const apiPort = parsePort("--api-port", values["api-port"]);
  if (port === apiPort && port !== 0) {
    throw new UsageError(`--port and --api-port are both ${port}; give two different ports.`);
  }
  const { once, watch, reset, json } = values;
  return { once, watch, reset, json, port, apiPort };
}

function parse(args: readonly string[]): ReturnType<typeof parseStrictly> {
  try {
    return parseStrictly(args);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function parseStrictly(args: readonly string[]): {
  once: boolean;
  watch: boolean;
  reset: boolean;
  json: boolean;
  help: boolean;
  port: string;
  "api-port": string;
} {
  const { values } = parseOptions({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      once: { type: "boolean", default: false },
      watch: { type: "boolean", default: false },
      reset: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      port: { type: "string", default: "8788" },
      "api-port": { type: "string", default: "8789" },
    },
  });
  return values;
}

function parsePort(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`${option}: '${text}' is not a port; give a number from 0 to 65535.`);
}
