import type { Meter } from "../subjects/subject.ts";
import type { Talk } from "./browser.ts";
import type { ClientName } from "./visitors.ts";

/** What happened in one phase of a run: differences between its end and its beginning. */
export interface Phase {
  readonly seconds: number;
  readonly meter: Meter;
  readonly talk: Talk;
  /** Of the process that runs the objects. */
  readonly cpuSeconds: number;
}

/** A page that visitors join, stay on and leave, measured. */
export interface Run {
  readonly clients: ClientName;
  readonly visitors: number;
  readonly heartbeatMs: number;
  readonly join: Phase;
  /** Nobody joins or leaves. */
  readonly quiet: Phase;
  /** Only pings, until the object is gone from memory; clients of the contract do not allow that. */
  readonly asleep: Phase | null;
  /** One more visitor joins the sleeping object, and leaves. */
  readonly awake: Phase | null;
  readonly leave: Phase;
  /** Whether every visitor had the right count: when joined, at the end of the quiet time, after waking. */
  readonly isRight: boolean;
}

/** What one unit costs, as Cloudflare counts it. Per visitor-hour: of the quiet time alone. */
export interface Figures {
  readonly objectRequestsAJoin: number;
  readonly rowsAJoin: number;
  readonly eventsALeave: number;
  readonly rowsALeave: number;
  readonly wakeUpsAVisitorHour: number;
  readonly messagesAVisitorHour: number;
  readonly pingsAVisitorHour: number;
  readonly alarmsAnHour: number;
  readonly rowsAnHour: number;
  readonly cpuMsAJoin: number;
  readonly cpuMsALeave: number;
  readonly cpuMsAVisitorHour: number;
}

export function figuresOf({ visitors, join, quiet, leave }: Run): Figures {
  const hours = quiet.seconds / 3_600;
  const visitorHours = visitors * hours;
  return {
    objectRequestsAJoin: (join.meter.fetches + join.meter.calls) / visitors,
    rowsAJoin: join.meter.rowsWritten / visitors,
    eventsALeave: (leave.meter.closes + leave.meter.errors) / visitors,
    rowsALeave: leave.meter.rowsWritten / visitors,
    wakeUpsAVisitorHour: wakeUps(quiet.meter) / visitorHours,
    messagesAVisitorHour: quiet.meter.messages / visitorHours,
    pingsAVisitorHour: quiet.talk.pings / visitorHours,
    alarmsAnHour: quiet.meter.alarms / hours,
    rowsAnHour: quiet.meter.rowsWritten / hours,
    cpuMsAJoin: (join.cpuSeconds * 1_000) / visitors,
    cpuMsALeave: (leave.cpuSeconds * 1_000) / visitors,
    cpuMsAVisitorHour: (quiet.cpuSeconds * 1_000) / visitorHours,
  };
}

/** How often something from outside ran code of an object. */
export function wakeUps({ fetches, messages, closes, errors, alarms, calls }: Meter): number {
  return fetches + messages + closes + errors + alarms + calls;
}
