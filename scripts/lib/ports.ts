import { createServer } from "node:net";
import { isNodeError } from "./files.ts";

/** A port that a command is about to serve on. */
export interface WantedPort {
  port: number;
  /** What serves there, for people. */
  purpose: string;
  /** The option that chooses another. */
  option: string;
}

const HOSTS = ["127.0.0.1", "::1"] as const;

/**
 * Checks that the ports are free, before anything starts. Port 0 always is.
 * @throws Error that names the port, its likely owner and the option
 */
export async function requireFreePorts(wanted: readonly WantedPort[]): Promise<void> {
  for (const { port, purpose, option } of wanted) {
    if (port === 0 || (await isFree(port))) continue;
    const owner = await guessOwner(port);
    throw new Error(
      `Port ${port}, for ${purpose}, is taken${owner}. Stop what listens there, or choose another ` +
        `port: npm run local -- ${option} ${port + 10}.`,
    );
  }
}

async function isFree(port: number): Promise<boolean> {
  for (const host of HOSTS) if (!(await canListen(port, host))) return false;
  return true;
}

/** A machine without IPv6 has nothing that listens there. */
function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if (!isNodeError(error)) reject(error);
      else if (error.code === "EADDRINUSE") resolve(false);
      else if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") resolve(true);
      else reject(new Error(`Port ${port} cannot be used: ${error.message}.`));
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Another checkout's local cloud answers as Cloudflare's API does. */
async function guessOwner(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/client/v4/user/tokens/verify`, {
      headers: { authorization: "Bearer local" },
      signal: AbortSignal.timeout(1_000),
    });
    const body: unknown = await response.json();
    const isApi = typeof body === "object" && body !== null && "success" in body;
    return isApi ? " by a local cloud, perhaps npm run local of another checkout" : "";
  } catch {
    return "";
  }
}
