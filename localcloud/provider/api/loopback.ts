import { isIPv4 } from "node:net";
import type { LookupFunction } from "node:net";

/** True for 127.0.0.0/8, ::1, `localhost` and every name below it: never another machine. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/\.$/, "");
  if (host === "[::1]" || host === "::1") return true;
  if (isIPv4(host)) return host.startsWith("127.");
  return host === "localhost" || host.endsWith(".localhost");
}

/**
 * Resolves the names that {@link isLoopback} accepts to this machine whatever a name server says
 * (RFC 6761 section 6.3), and nothing else.
 */
export const lookupLoopback: LookupFunction = (hostname, options, done) => {
  if (!isLoopback(hostname)) {
    done(new Error(`${hostname} is not a loopback name`), []);
    return;
  }
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (options.all === true) done(null, addresses);
  else done(null, "127.0.0.1", 4);
};
