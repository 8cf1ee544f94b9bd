import { CLOSE_BYE, CLOSE_MOVED, PING, PONG, parseCount } from "@visitor-tracker/protocol";
import { heartbeatFrame, isSweepDue } from "./beats.ts";
import { encodeClose } from "./frames.ts";
import { Ghosts } from "./ghosts.ts";
import { SignsOfLife } from "./signs-of-life.ts";
import type { Kill, Silence } from "./steps.ts";
import type { TabEvents, TabOptions, TabState, Verdict } from "./tab-options.ts";
import { Wire, onlyWhile } from "./wire.ts";

/** One tab: a client that behaves like the real one, until it is made to behave otherwise. */
export class Tab {
  readonly options: TabOptions;
  readonly ghosts: Ghosts = new Ghosts();
  readonly #events: TabEvents;
  #state: TabState = "connecting";
  #wire: Wire | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #heardAtMs = 0;
  #steadySinceMs: number | null = null;
  /** What ends it as soon as its connection is in use. */
  #atUse: (() => void) | null = null;
  /** Of the present connection. */
  life: SignsOfLife = new SignsOfLife(Date.now());
  /** The last count on this connection; null before the first. */
  lastCount: number | null = null;
  /** What was sent on this connection has to be answered by closing it. */
  owesClose: boolean = false;
  /** How it fell silent; null when it did not. */
  silence: Silence | null = null;
  /** Whether it was told to go to another object of the page, and is not there yet. */
  isMoving: boolean = false;
  /** When the server last may have lost sight of it. */
  brokenAtMs: number = Number.NEGATIVE_INFINITY;
  hasSeenClose: boolean = false;
  isPaused: boolean = false;

  constructor(options: TabOptions, events: TabEvents) {
    this.options = options;
    this.#events = events;
    this.#connect();
  }

  get state(): TabState {
    return this.#state;
  }

  /** Whether a user looks at it, so that it must show the truth. */
  get isHere(): boolean {
    return this.#state === "open" || this.#state === "connecting" || this.#state === "waiting";
  }

  /** Since when the server has known of it without a break, moves aside; null when it may not. */
  get steadySinceMs(): number | null {
    return this.isHere && !this.isPaused ? this.#steadySinceMs : null;
  }

  /** Sends on an open connection. @returns whether there was one */
  send(bytes: Buffer): boolean {
    if (this.#state !== "open") return false;
    this.#wire?.send(bytes);
    return true;
  }

  /** The contract's heartbeat, and behind it a ping that proves it was taken. */
  beat(): boolean {
    if (!this.send(heartbeatFrame(this.options))) return false;
    this.#wire?.pingProtocol(String(Date.now()));
    this.life.sent();
    return true;
  }

  /** @param last is sent before, so that both arrive as one. @default nothing */
  leave(last: Buffer = Buffer.alloc(0)): void {
    if (this.#endsLater(() => this.leave(last))) return;
    if (this.#state !== "open") return this.kill("terminate");
    clearTimeout(this.#timer);
    this.#state = "leaving";
    this.resume();
    this.#wire?.send(Buffer.concat([last, encodeClose(CLOSE_BYE)]));
  }

  kill(how: Kill): void {
    if (this.#endsLater(() => this.kill(how))) return;
    const wire = this.#wire;
    this.#over();
    if (how === "rst") wire?.sendReset();
    else if (how === "fin") wire?.sendFin();
    else wire?.destroy();
  }

  /** Says nothing from here on. One that has no connection just goes. */
  fallSilent(how: Silence): void {
    if (this.#endsLater(() => this.fallSilent(how))) return;
    if (this.#state !== "open") return this.kill("terminate");
    clearTimeout(this.#timer);
    this.#state = "silent";
    this.silence = how;
    if (how === "deaf") this.#wire?.pause();
  }

  pause(): boolean {
    if (this.#state !== "open" || this.isPaused) return false;
    this.isPaused = true;
    this.#break();
    this.#wire?.pause();
    return true;
  }

  resume(): boolean {
    if (!this.isPaused) return false;
    this.isPaused = false;
    this.#wire?.resume();
    return true;
  }

  /** Cuts the connection, in whatever state it is. */
  abort(): void {
    const wire = this.#wire;
    this.#over();
    wire?.sendReset();
    this.ghosts.end();
  }

  /**
   * A connection that ends before it was in use leaves a ghost at the server, see {@link abort}: who
   * ends otherwise does so afterwards.
   */
  #endsLater(end: () => void): boolean {
    const isInUse = this.#state !== "connecting" && this.lastCount !== null;
    if (isInUse || !this.isHere || this.#state === "waiting") return false;
    clearTimeout(this.#timer);
    this.#state = "leaving";
    this.#atUse = end;
    return true;
  }

  #connect(): void {
    this.#state = "connecting";
    this.lastCount = null;
    this.owesClose = false;
    this.life = new SignsOfLife(Date.now());
    // Events of a connection that was given up are nobody's any more.
    const wire: Wire = new Wire(
      this.options,
      onlyWhile(() => this.#wire === wire, {
        opened: () => this.#opened(),
        refused: (status) => this.#refused(status),
        text: (message) => this.#read(message),
        protocolPong: (sentMs) => this.life.prove(Number(sentMs)),
        closeFrame: (code) => this.#closed(code),
        ended: () => this.#closed(null),
      }),
    );
    this.#wire = wire;
  }

  #opened(): void {
    if (this.#atUse !== null) return;
    this.#state = "open";
    this.#beatRegularly();
  }

  #refused(status: number): void {
    this.#wire = null;
    if (this.#state === "leaving") this.#over();
    else {
      this.#events.refused(this, status);
      this.#return();
    }
    this.#events.changed();
  }

  #read(message: string): void {
    if (message === PONG) return this.life.ponged();
    const count = parseCount(message)?.count;
    if (count === undefined) return;
    this.#attempts = 0;
    this.#heardAtMs = Date.now();
    this.#steadySinceMs ??= this.#heardAtMs;
    this.isMoving = false;
    this.lastCount = count;
    if (this.#atUse === null) this.#events.told(this, count);
    else {
      this.#state = "open";
      this.#atUse();
    }
    this.#events.changed();
  }

  #closed(code: number | null): void {
    if (code !== null) this.hasSeenClose = true;
    const verdict = this.#state === "leaving" ? "stay away" : this.#events.closed(this, code);
    const isRude = this.#state === "silent" && code !== null && this.silence !== "polite";
    if (!isRude) this.#end(code, verdict);
    this.#events.changed();
  }

  #end(code: number | null, verdict: Verdict): void {
    const wire = this.#wire;
    this.#wire = null;
    if (wire !== null && code !== null && this.options.isRude && this.#state === "open") {
      this.ghosts.add(wire, this.options);
    } else {
      if (code !== null && this.#state !== "leaving") {
        wire?.send(encodeClose(code === 1005 ? undefined : code));
      }
      wire?.destroy();
    }
    this.isMoving = code === CLOSE_MOVED;
    if (!this.isMoving) this.#break();
    if (verdict === "stay away" || this.#state === "silent") this.#over();
    else this.#return();
  }

  #break(): void {
    this.#steadySinceMs = null;
    this.brokenAtMs = Date.now();
  }

  #over(): void {
    clearTimeout(this.#timer);
    this.#state = "over";
    this.#wire = null;
    this.isPaused = false;
  }

  #return(): void {
    clearTimeout(this.#timer);
    this.#state = "waiting";
    this.isPaused = false;
    const { random, reconnectMs } = this.options;
    const windowMs = reconnectMs * 2 ** Math.min(this.#attempts++, 3);
    this.#timer = setTimeout(() => this.#connect(), random.next() * windowMs);
  }

  #beatRegularly(): void {
    const { beatMs, client } = this.options;
    const quietMs = Date.now() - this.#heardAtMs;
    const isSweeping = isSweepDue(this.options, this.lastCount ?? 0, quietMs);
    if (client === "contract" || isSweeping) this.beat();
    if (client === "ping") {
      this.life.pinged();
      this.#wire?.sendText(PING);
    }
    this.#timer = setTimeout(() => this.#beatRegularly(), beatMs);
  }
}
