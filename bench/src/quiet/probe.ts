import { readFile } from "node:fs/promises";
import { addMeters } from "../subjects/read-meter.ts";
import type { Meter, Subject } from "../subjects/subject.ts";
import { type Talk, readTalk } from "./browser.ts";
import type { Phase } from "./figures.ts";

/** Clock ticks a second, in which Linux tells CPU time. */
const TICKS_PER_SECOND = 100;

interface Reading {
  readonly atMs: number;
  readonly meter: Meter;
  readonly talk: Talk;
  readonly cpuSeconds: number;
}

/** Cuts a run into phases: each begins where the one before was read. */
export class Probe {
  readonly #subject: Subject;
  #last: Reading;

  private constructor(subject: Subject, first: Reading) {
    this.#subject = subject;
    this.#last = first;
  }

  static async start(subject: Subject): Promise<Probe> {
    return new Probe(subject, await read(subject));
  }

  /** What has happened since the last phase ended. */
  async peek(): Promise<Phase> {
    return difference(this.#last, await read(this.#subject));
  }

  /** As {@link peek}, and ends the phase. */
  async next(): Promise<Phase> {
    const before = this.#last;
    this.#last = await read(this.#subject);
    return difference(before, this.#last);
  }
}

async function read(subject: Subject): Promise<Reading> {
  const [meter, cpuSeconds] = await Promise.all([subject.meter(), readCpuSeconds(subject.pid)]);
  return { atMs: performance.now(), meter, talk: readTalk(), cpuSeconds };
}

function difference(before: Reading, after: Reading): Phase {
  return {
    seconds: (after.atMs - before.atMs) / 1_000,
    meter: addMeters(after.meter, before.meter, -1),
    talk: {
      pings: after.talk.pings - before.talk.pings,
      pongs: after.talk.pongs - before.talk.pongs,
      heartbeats: after.talk.heartbeats - before.talk.heartbeats,
      counts: after.talk.counts - before.talk.counts,
    },
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
  };
}

/** User and system time of a process, all threads; see proc_pid_stat(5). */
async function readCpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The command's name stands in brackets and may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
