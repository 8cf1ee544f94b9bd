import { deepStrictEqual, ok } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isRecord } from "../../src/lib/unknown.ts";
import { counter, counterBinding } from "../../test/support/workers.ts";
import { SCRIPTS, type TrialClient, trialClient } from "./client.ts";
import { type CloudProcess, type SpawnedCli, startProcess } from "./cloud-process.ts";

export interface KillTrialOptions {
  dir: string;
  rounds: number;
  /** 0 to 1, when in an upload's usual time to kill. */
  random: () => number;
  onSpawn?: (spawned: SpawnedCli) => void;
  /** After each round: when it was killed, and which upload was found. */
  onRound?: (round: KillRound) => void;
}

export interface KillRound {
  number: number;
  /** After the upload was sent, in milliseconds. */
  killedAfterMs: number;
  /** Whether the upload had been answered by then. */
  answered: boolean;
  /** What the next start found. */
  found: "old" | "new";
}

const APP = "app";
const HOST = `${APP}.local.workers.dev`;

/** Every upload renames the class, so that it changes code, state and the name of what has storage. */
function classOf(upload: number): string {
  return upload % 2 === 1 ? "Room" : "Lobby";
}

/**
 * Kills the local cloud at a random moment of an upload, starts it again, and looks: the old upload or the
 * new one serves, whole; an upload that was answered is the new one; the objects' storage is what it was;
 * and nothing is left over or complained about. Again and again, in one folder.
 * @throws {AssertionError} at the first thing that is otherwise
 */
export async function runKillTrial(options: KillTrialOptions): Promise<KillRound[]> {
  const { dir, onSpawn } = options;
  let cloud = await startProcess(dir, [], onSpawn);
  let client = trialClient(cloud);
  const began = performance.now();
  deepStrictEqual(await sendUpload(client, 1, 0), 200);
  let usualMs = performance.now() - began;
  await client.result("POST", `${SCRIPTS}/${APP}/subdomain`, { enabled: true });
  deepStrictEqual((await client.visit(HOST, "/page")).text, "Room 1");
  let serving = 1;
  const rounds: KillRound[] = [];
  for (let number = 1; number <= options.rounds; number++) {
    const sent = serving + 1;
    // Late moments more often: only at the end of an upload does anything change on disk.
    const killedAfterMs = Math.round(Math.sqrt(options.random()) * 1.5 * usualMs);
    const sentMs = performance.now();
    const answer = sendUpload(client, sent, serving).then(
      (status) => {
        usualMs = performance.now() - sentMs;
        return status;
      },
      () => null,
    );
    await delay(killedAfterMs);
    await kill(cloud);
    const status = await answer;
    // A machine that is busier than at the last answer must not keep all kills in the beginning.
    if (status === null) usualMs = Math.max(usualMs, killedAfterMs);
    ok(status === 200 || status === null, `round ${number}: the upload was answered ${status}`);
    client.close();

    cloud = await startProcess(dir, [], onSpawn);
    client = trialClient(cloud);
    const saved = await savedUpload(client);
    const possible = status === 200 ? [sent] : [serving, sent];
    ok(
      possible.includes(saved),
      `round ${number}: found upload ${saved}, not ${possible.join(" or ")}`,
    );
    const found = saved === sent ? "new" : "old";
    serving = saved;
    await checkWhole({ cloud, client, dir, upload: serving, visits: number + 1 });
    const round: KillRound = { number, killedAfterMs, answered: status === 200, found };
    rounds.push(round);
    options.onRound?.(round);
  }
  client.close();
  cloud.process.kill("SIGTERM");
  deepStrictEqual(await cloud.ended, 0);
  deepStrictEqual(readdirSync(dir).includes("lock"), false);
  return rounds;
}

async function kill(cloud: CloudProcess): Promise<void> {
  cloud.process.kill("SIGKILL");
  deepStrictEqual(await cloud.ended, "SIGKILL");
}

/** Upload number `number` on top of `serving` (0: the first): half a megabyte that no other upload has. */
function sendUpload(client: TrialClient, number: number, serving: number): Promise<number> {
  const name = classOf(number);
  const step =
    serving === 0
      ? { new_sqlite_classes: [name] }
      : { renamed_classes: [{ from: classOf(serving), to: name }] };
  const oldTag = serving === 0 ? {} : { old_tag: `v${serving}` };
  const code = `${counter(name)}\nexport class Upload${number} {}\n// ${randomBytes(250_000).toString("hex")}`;
  return client.upload(APP, code, {
    migrations: { ...oldTag, new_tag: `v${number}`, steps: [step] },
    bindings: [counterBinding(name)],
    annotations: { "workers/message": String(number) },
  });
}

async function savedUpload(client: TrialClient): Promise<number> {
  const settings = await client.result("GET", `${SCRIPTS}/${APP}/settings`);
  const annotations = isRecord(settings) ? settings["annotations"] : null;
  return Number(isRecord(annotations) ? annotations["workers/message"] : Number.NaN);
}

interface Expected {
  cloud: CloudProcess;
  client: TrialClient;
  dir: string;
  /** The upload that serves. */
  upload: number;
  /** How often the object was visited, this time included. */
  visits: number;
}

async function checkWhole({ cloud, client, dir, upload: number, visits }: Expected): Promise<void> {
  const name = classOf(number);
  const scripts = await client.result("GET", SCRIPTS);
  const [script] = Array.isArray(scripts) ? scripts : [];
  deepStrictEqual(script.migration_tag, `v${number}`);
  const handlers: { name: string }[] = script.named_handlers;
  const exported = handlers.map((handler) => handler.name);
  deepStrictEqual(exported.toSorted(), [name, `Upload${number}`].toSorted());
  deepStrictEqual(await client.visit(HOST, "/page"), { status: 200, text: `${name} ${visits}` });
  deepStrictEqual(cloud.stderr(), "");
  checkFolder(dir);
}

/** One namespace with storage, the blobs of the state and no others, nothing half written. */
function checkFolder(dir: string): void {
  const state = JSON.parse(readFileSync(join(dir, "state.json"), "utf8"));
  const hashes = new Set(JSON.stringify(state.scripts).match(/(?<="sha256":")[\da-f]{64}/g));
  deepStrictEqual(new Set(readdirSync(join(dir, "blobs"))), hashes);
  const [{ id }] = state.namespaces;
  deepStrictEqual(readdirSync(join(dir, "runtime", "do")), [id]);
  const known = ["blobs", "journal.ndjson", "journal.ndjson.old", "lock", "runtime", "state.json"];
  deepStrictEqual(
    readdirSync(dir).filter((entry) => !known.includes(entry)),
    [],
  );
}
