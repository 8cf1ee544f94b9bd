import { isRecord } from "../is-record.ts";
import { describeRecord, type AddressRecord } from "./dns.ts";
import { doubtful, fine, impossible, type Verdict } from "./verdict.ts";

export interface DomainOwner {
  readonly scriptName: string;
  /** Name of the script that the stack's state has; another one only while the script is renamed. */
  readonly formerName?: string | undefined;
  /** Whether the stack's state has the custom domain. */
  readonly isOwned: boolean;
}

/**
 * Whether a host is free for the Worker.
 * @param service Worker that the host is attached to; undefined when it is attached to none
 * @param records of the host; empty when they are not known
 */
export function judgeCustomDomain(
  hostname: string,
  service: string | undefined,
  records: readonly AddressRecord[],
  owner: DomainOwner,
): Verdict {
  if (service !== undefined) return judgeAttached(hostname, service, owner);
  const [first] = records;
  if (first === undefined || owner.isOwned) return fine(`${hostname} is free`);
  return impossible(
    `${hostname} has a DNS record (${describeRecord(first)}), and a custom domain makes its own`,
    "delete the record if nobody needs it, or set another customDomain, or a route on that host",
  );
}

function judgeAttached(
  hostname: string,
  service: string,
  { scriptName, formerName, isOwned }: DomainOwner,
): Verdict {
  if (service === scriptName || (isOwned && service === formerName)) {
    return fine(
      isOwned
        ? `${hostname} is attached to this stack's Worker`
        : `${hostname} is attached to '${service}' already; the update takes it as it is`,
    );
  }
  if (isOwned) {
    return doubtful(
      `this stack's custom domain ${hostname} is attached to the Worker '${service}': somebody changed it`,
      "to take it back: detach it in the dashboard, then pulumi refresh and pulumi up",
    );
  }
  return impossible(
    `${hostname} is attached to the Worker '${service}'`,
    "detach it in the dashboard (that Worker, Settings, Domains & Routes), or set another customDomain",
  );
}

/** The Worker that a host is attached to, from a list of custom domains. */
export function serviceOf(result: unknown, hostname: string): string | undefined {
  const domains = Array.isArray(result) ? result.filter(isRecord) : [];
  const attached = domains.find((domain) => domain["hostname"] === hostname);
  return attached === undefined ? undefined : String(attached["service"]);
}
