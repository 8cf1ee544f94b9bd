import {
  createVisitorCounter,
  type VisitorCounter,
  type VisitorStatus,
} from "../../client/src/index.ts";

/** Another visitor of the page, whose browser this tab plays. */
export interface Guest {
  /** "Visitor 2": the reader is the first. */
  readonly name: string;
  readonly visitorId: string;
  readonly counter: VisitorCounter;
  /** When its network was cut, by `performance.now()`. */
  cutAtMs: number | undefined;
  /** When its client noticed that, by the same clock. */
  noticedAtMs: number | undefined;
  /** Ends its client. */
  readonly leave: () => void;
}

export interface GuestsOptions {
  readonly endpoint: string;
  readonly heard: (guest: Guest, status: VisitorStatus) => void;
}

/** The visitors that were added one by one. */
export class Guests {
  readonly all: Set<Guest> = new Set();
  readonly #options: GuestsOptions;
  #lastNumber = 1;

  constructor(options: GuestsOptions) {
    this.#options = options;
  }

  add(): Guest {
    const { endpoint, heard } = this.#options;
    const visitorId = randomId();
    const counter = createVisitorCounter({ endpoint, visitorId });
    const unsubscribe = counter.subscribe(() => heard(guest, counter.getSnapshot().status));
    const guest: Guest = {
      name: `Visitor ${(this.#lastNumber += 1)}`,
      visitorId,
      counter,
      cutAtMs: undefined,
      noticedAtMs: undefined,
      leave: unsubscribe,
    };
    this.all.add(guest);
    return guest;
  }

  remove(guest: Guest): void {
    guest.leave();
    this.all.delete(guest);
  }
}

/** An id as a new visitor gets one; `crypto.randomUUID` is not there on an insecure origin. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
