import { emptyMeter } from "../../workers/counters.ts";
import type { Address } from "./address.ts";
import { addMeters, readMeter } from "./read-meter.ts";
import type { Meter, Subject, SubjectName } from "./subject.ts";

/** How the processes behind a {@link ServedSubject} are run. */
export interface Server extends AsyncDisposable {
  evict(objectName: string): Promise<void>;
  /** Starts again at the same port. */
  restart(port: number): Promise<Address>;
}

/** A subject that runs somewhere and answers for its meter by HTTP. */
export class ServedSubject implements Subject {
  readonly name: SubjectName;
  readonly #server: Server;
  #address: Address;
  /** Of the runs before this one: a restart begins at 0. */
  #before: Meter = emptyMeter();

  constructor(name: SubjectName, server: Server, address: Address) {
    this.name = name;
    this.#server = server;
    this.#address = address;
  }

  get port(): number {
    return this.#address.port;
  }

  get pid(): number {
    return this.#address.pid;
  }

  evict(objectName: string): Promise<void> {
    return this.#server.evict(objectName);
  }

  async redeploy(): Promise<void> {
    this.#before = await this.meter();
    this.#address = await this.#server.restart(this.port);
  }

  async meter(): Promise<Meter> {
    return addMeters(this.#before, await readMeter(this.port));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
