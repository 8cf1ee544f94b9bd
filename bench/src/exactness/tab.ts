import { PING, PONG, parseCount, serializeHeartbeat } from "@visitor-tracker/protocol";
import { TEXT, encodeClose, encodeFrame } from "./frames.ts";
import type { Random } from "./random.ts";
import type { Client, Kill, Silence } from "./steps.ts";
import { Wire, type WireEvents } from "./wire.ts";

export interface TabOptions {
  readonly tab: number;
  /** Number of the visitor; whether an observer or not. */
  readonly visitor: number;
  readonly client: Client;
  readonly isObserver: boolean;
  readonly userId: string;
  readonly page: string;
  readonly path: string;
  readonly beatMs: number;
  /** Longest wait before the first attempt to connect again; it doubles with each. */
  readonly reconnectMs: number;
}

/** Where a tab lives: what it is told there, and what it tells. */
export interface Surroundings {
  readonly port: number;
  readonly random: Random;
  /** Something happened that a checkpoint may be waiting for. */
  changed(): void;
  /** @param count as the server said */
  told(tab: Tab, count: number): void;
  /**
   * The server ended the connection.
   * @param code of its close frame; null when the connection just ended
   */
  closed(tab: Tab, code: number | null): Verdict;
}

/** Whether a client whose connection ended connects again. */
export type Verdict = "return" | "stay away";

export type TabState = "connecting" | "open" | "waiting" | "leaving" | "silent" | "over";

/** One tab: a client that behaves like the real one, until it is made to behave otherwise. */
export class Tab {
  readonly options: TabOptions;
  readonly #around: Surroundings;
  #state: TabState = "connecting";
  #wire: Wire | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #silence: Silence | null = null;
  #isPaused = false;
  #pingsSentMs: number[] = [];
  #heardAtMs = 0;
  /** When it sent each of its last messages that wake an object. */
  #messagesMs: number[] = [];
  /** The last count on this connection; null before the first. */
  lastCount: number | null = null;
  /** The server has had a sign of life of this connection no earlier than this. */
  provenAliveMs = 0;
  /** What was sent on this connection has to be answered by closing it. */
  owesClose = false;
  hasSeenClose = false;

  constructor(options: TabOptions, around: Surroundings) {
    this.options = options;
    this.#around = around;
    this.#connect();
  }

  get state(): TabState {
    return this.#state;
  }

  get silence(): Silence | null {
    return this.#silence;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether a user looks at it, so that it must show the truth. */
  get isHere(): boolean {
    return this.#state === "open" || this.#state === "connecting" || this.#state === "waiting";
  }

  /** Sends on an open connection. @returns whether there was one */
  send(bytes: Buffer): boolean {
    if (this.#state !== "open") return false;
    this.#wire?.send(bytes);
    return true;
  }

  /** Notes that it sent a message that wakes an object. */
  countMessage(): void {
    this.#messagesMs = [...this.#messagesMs.slice(-99), Date.now()];
  }

  /** Messages of its that may have reached the server since then. */
  messagesSince(ms: number): number {
    return this.#messagesMs.filter((sentMs) => sentMs >= ms).length;
  }

  /** The contract's heartbeat, and behind it a ping that proves it was taken. */
  beat(): boolean {
    if (this.#state !== "open") return false;
    const { userId, page } = this.options;
    this.#wire?.sendText(serializeHeartbeat(userId, page, Date.now()));
    this.#wire?.pingProtocol(String(Date.now()));
    this.countMessage();
    return true;
  }

  /** Has the last heartbeat and the close arrive as one. */
  beatAndLeave(): boolean {
    if (this.#state !== "open") {
      this.kill("terminate");
      return false;
    }
    clearTimeout(this.#timer);
    this.#state = "leaving";
    this.resume();
    const { userId, page } = this.options;
    const beat = encodeFrame(TEXT, serializeHeartbeat(userId, page, Date.now()));
    this.#wire?.send(Buffer.concat([beat, encodeClose(1000)]));
    return true;
  }

  leave(code?: number): void {
    clearTimeout(this.#timer);
    if (this.#state !== "open") return this.kill("terminate");
    this.#state = "leaving";
    this.resume();
    this.#wire?.send(encodeClose(code));
  }

  kill(how: Kill): void {
    clearTimeout(this.#timer);
    const wire = this.#wire;
    this.#over();
    if (how === "rst") wire?.sendReset();
    else if (how === "fin") wire?.sendFin();
    else wire?.destroy();
  }

  /** Says nothing from here on. One that has no connection just goes. */
  fallSilent(how: Silence): void {
    clearTimeout(this.#timer);
    if (this.#state !== "open") return this.kill("terminate");
    this.#state = "silent";
    this.#silence = how;
    if (how === "deaf") this.#wire?.pause();
  }

  pause(): boolean {
    if (this.#state !== "open" || this.#isPaused) return false;
    this.#isPaused = true;
    this.#wire?.pause();
    return true;
  }

  resume(): boolean {
    if (!this.#isPaused) return false;
    this.#isPaused = false;
    this.#wire?.resume();
    return true;
  }

  #connect(): void {
    this.#state = "connecting";
    this.lastCount = null;
    this.#pingsSentMs = [];
    this.provenAliveMs = Date.now();
    this.owesClose = false;
    this.#isPaused = false;
    const { port } = this.#around;
    // Events of a connection that was given up are nobody's any more.
    const ifCurrent =
      <Args extends unknown[]>(react: (...args: Args) => void) =>
      (...args: Args): void => {
        if (this.#wire === wire) react(...args);
      };
    const events: WireEvents = {
      opened: ifCurrent(() => this.#opened()),
      refused: () => {},
      text: ifCurrent((message: string) => this.#read(message)),
      protocolPong: ifCurrent((sentMs: string) => this.#prove(Number(sentMs))),
      closeFrame: ifCurrent((code: number) => this.#closed(code)),
      ended: ifCurrent(() => this.#closed(null)),
    };
    const wire = new Wire({ port, path: this.options.path }, events);
    this.#wire = wire;
  }

  #opened(): void {
    this.#state = "open";
    this.#beatRegularly();
  }

  #read(message: string): void {
    if (message === PONG) return this.#prove(this.#pingsSentMs.shift() ?? 0);
    const count = parseCount(message)?.count;
    if (count === undefined) return;
    this.#attempts = 0;
    this.#heardAtMs = Date.now();
    this.lastCount = count;
    this.#around.told(this, count);
    this.#around.changed();
  }

  #prove(sentMs: number): void {
    this.provenAliveMs = Math.max(this.provenAliveMs, sentMs);
  }

  #closed(code: number | null): void {
    if (code !== null) this.hasSeenClose = true;
    const state = this.#state;
    if (state === "silent" && code !== null && this.#silence !== "polite") {
      this.#around.closed(this, code);
      return this.#around.changed();
    }
    clearTimeout(this.#timer);
    const wire = this.#wire;
    this.#wire = null;
    if (code !== null && state !== "leaving") wire?.send(encodeClose(code === 1005 ? undefined : code));
    wire?.destroy();
    const verdict = state === "leaving" ? "stay away" : this.#around.closed(this, code);
    if (verdict === "stay away" || state === "silent") this.#over();
    else this.#return();
    this.#around.changed();
  }

  #over(): void {
    this.#state = "over";
    this.#wire = null;
    this.#isPaused = false;
  }

  #return(): void {
    this.#state = "waiting";
    const windowMs = this.options.reconnectMs * 2 ** Math.min(this.#attempts++, 3);
    this.#timer = setTimeout(() => this.#connect(), this.#around.random.next() * windowMs);
  }

  #beatRegularly(): void {
    const { beatMs, client } = this.options;
    if (client === "contract" || this.#isSweepDue()) this.beat();
    if (client === "ping") {
      this.#pingsSentMs.push(Date.now());
      this.#wire?.sendText(PING);
    }
    this.#timer = setTimeout(() => this.#beatRegularly(), beatMs);
  }

  /** Two of a page's clients look for the silent in each interval in which it was quiet. */
  #isSweepDue(): boolean {
    const watchers = (this.lastCount ?? 0) + Number(this.options.isObserver);
    const isQuiet = Date.now() - this.#heardAtMs >= this.options.beatMs;
    return watchers > 1 && isQuiet && this.#around.random.chance(2 / watchers);
  }
}
