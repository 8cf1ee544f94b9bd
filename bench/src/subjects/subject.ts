import type { Meter } from "../../workers/counters.ts";
import { startNodeSubject } from "./node-subject.ts";
import { startWorkerdSubject } from "./workerd-subject.ts";

export type { Meter } from "../../workers/counters.ts";

export const SUBJECT_NAMES = ["ours", "naive", "partyserver", "ws", "socket.io"] as const;

/**
 * What is measured: `ours` is the product; `naive` its contract done by the book, `partyserver` the
 * library, both on workerd as well; `ws` and `socket.io` are Node servers.
 */
export type SubjectName = (typeof SUBJECT_NAMES)[number];

/** A server under measurement, in a process tree of its own, on loopback. */
export interface Subject extends AsyncDisposable {
  readonly name: SubjectName;
  /** HTTP and WebSocket, without compression; on workerd past Miniflare's own entry. */
  readonly port: number;
  /** The process that does the work, workerd or node. Another one after {@link redeploy}. */
  readonly pid: number;
  /**
   * Has the object of this name hibernate. Rejects when it is not in memory, when it does not
   * hibernate within the runtime's 30 s, and for the servers on Node, which have no objects.
   */
  evict(objectName: string): Promise<void>;
  /** Runs the script again: every connection drops, storage and port stay. */
  redeploy(): Promise<void>;
  /** What its objects did since it was started, redeployments included. Wakes none of them. */
  meter(): Promise<Meter>;
}

export interface SubjectOptions {
  /** The `SETTINGS` binding of `ours`; the others have none. @default {} */
  readonly settings?: object;
  /** Takes what the server prints. @default nothing */
  readonly log?: (text: string) => void;
}

/** Starts a server. Dispose of it to end its processes and remove its storage. */
export function startSubject(name: SubjectName, options: SubjectOptions = {}): Promise<Subject> {
  if (name === "ws" || name === "socket.io") return startNodeSubject(name, options);
  return startWorkerdSubject(name, options);
}
