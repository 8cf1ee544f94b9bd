import { isDeepStrictEqual } from "node:util";
import type { FaultRule } from "../../../localcloud/src/index.ts";
import { TrialAccount, type CliRun, type Snapshot } from "../trial-account.ts";
import { observe, type Outcome } from "./account.ts";
import { addNote, LEDGER, WORKER, type Operation, type Settings } from "./operations.ts";
import { faultFor, isWrite, requestsOf, type KnownRequest, type Way } from "./requests.ts";

/** One operation that was made to fail, and what running it again made of it. */
export interface Cell {
  readonly operation: string;
  readonly request: KnownRequest;
  readonly way: Way;
  readonly failed: CliRun;
  /** What the failed run asked the account to change. */
  readonly written: readonly KnownRequest[];
  /** The same command again; not when the failed run left everything as it was. */
  readonly repeated?: CliRun;
  /** The same command with `--refresh`; only when repeating it was not enough. */
  readonly refreshed?: CliRun;
  /** Undefined when everything is as after a run without a failure. */
  readonly difference?: { readonly expected: Outcome; readonly found: Outcome };
}

const STACK = "trial";
const NOTE = "kept since before the update";
const SOURCES: readonly string[] = [WORKER, LEDGER];

/** A stack that operations start from, again and again. */
export class Start {
  readonly account: TrialAccount;
  readonly #snapshot: Snapshot;
  readonly #sources: ReadonlyMap<string, string>;
  #isUntouched = true;

  /** @param settings of the stack; null to leave it empty */
  static async deploy(settings: Settings | null): Promise<Start> {
    const account = await TrialAccount.start();
    try {
      await addNote(account.checkout);
      await account.init(STACK, settings ?? {});
      if (settings !== null) {
        await account.up(STACK, "--skip-preview");
        await writeNote(account, settings);
      }
      const sources = new Map<string, string>();
      for (const file of SOURCES) sources.set(file, await account.checkout.read(file));
      return new Start(account, await account.save(), sources);
    } catch (error) {
      await account.stop();
      throw error;
    }
  }

  private constructor(
    account: TrialAccount,
    snapshot: Snapshot,
    sources: ReadonlyMap<string, string>,
  ) {
    this.account = account;
    this.#snapshot = snapshot;
    this.#sources = sources;
  }

  /** Everything as it was; then the operation's config and sources. */
  async begin({ after, edit }: Operation): Promise<void> {
    const { account } = this;
    if (!this.#isUntouched) await account.restore(this.#snapshot);
    this.#isUntouched = false;
    for (const [file, text] of this.#sources) await account.checkout.write(file, text);
    await account.configure(STACK, after);
    await edit?.(account.checkout);
  }

  /** Says that account and state are as they were. */
  markUntouched(): void {
    this.#isUntouched = true;
  }

  async stop(): Promise<void> {
    await this.account.stop();
  }
}

/** An operation with what it asks for and what it leaves when nothing fails. */
export class Trial {
  /** What the operation asks of the API, in the order of a run without a failure. */
  readonly requests: readonly KnownRequest[];
  readonly #operation: Operation;
  readonly #start: Start;
  readonly #before: Outcome;
  readonly #expected: Outcome;

  /** Runs the operation once as it should. */
  static async prepare(start: Start, operation: Operation): Promise<Trial> {
    const { account } = start;
    await start.begin(operation);
    const before = await observe(account, STACK);
    const known = account.cloud.journal.length;
    const run = await operate(account, operation);
    if (run.code !== 0) throw new Error(`${operation.name} failed without a fault:\n${run.output}`);
    const requests = madeBy(account, known);
    const expected = await observe(account, STACK);
    return new Trial({ start, operation, requests, before, expected });
  }

  private constructor(parts: {
    start: Start;
    operation: Operation;
    requests: readonly KnownRequest[];
    before: Outcome;
    expected: Outcome;
  }) {
    this.requests = parts.requests;
    this.#before = parts.before;
    this.#operation = parts.operation;
    this.#start = parts.start;
    this.#expected = parts.expected;
  }

  /** Lets one request fail, then runs the same command without a failure. */
  async run(request: KnownRequest, way: Way): Promise<Cell> {
    const { account } = this.#start;
    await this.#start.begin(this.#operation);
    const known = account.cloud.journal.length;
    const failed = await this.#fail(faultFor(request, way), way);
    const written = madeBy(account, known).filter(isWrite);
    const cell = { operation: this.#operation.name, request, way, failed, written };
    if (failed.code !== 0 && written.length === 0) {
      const left = await observe(account, STACK);
      if (isDeepStrictEqual(left, this.#before)) {
        this.#start.markUntouched();
        return cell;
      }
    }
    return { ...cell, ...(await this.#repeat()) };
  }

  async #fail(fault: FaultRule, way: Way): Promise<CliRun> {
    const { account } = this.#start;
    const { faults } = account.cloud;
    const isKilled = way === "killed";
    if (!isKilled) faults.add(fault);
    const failed = isKilled
      ? await killInFault(account, this.#operation, fault)
      : await operate(account, this.#operation);
    if (faults.list().some(({ times }) => times === fault.times)) {
      throw new Error(`${fault.method} ${fault.path} was not asked for again`);
    }
    faults.clear();
    return failed;
  }

  async #repeat(): Promise<Pick<Cell, "repeated" | "refreshed" | "difference">> {
    const { account } = this.#start;
    const repeated = await operate(account, this.#operation);
    const refreshed =
      repeated.code === 0 ? undefined : await operate(account, this.#operation, "--refresh");
    const found = await observe(account, STACK);
    const expected = this.#expected;
    return {
      repeated,
      ...(refreshed === undefined ? {} : { refreshed }),
      ...(isDeepStrictEqual(found, expected) ? {} : { difference: { expected, found } }),
    };
  }
}

async function operate(
  account: TrialAccount,
  operation: Operation,
  ...options: string[]
): Promise<CliRun> {
  return await account.pulumi(...commandOf(operation), ...options);
}

function commandOf({ command = "up" }: Operation): string[] {
  return [command, "--yes", "--skip-preview", "--stack", STACK];
}

/** Kills the engine, and does what docs/recovery.md says: unlock the stack, settle what was under way, and before that mend the state. */
async function killInFault(
  account: TrialAccount,
  operation: Operation,
  fault: FaultRule,
): Promise<CliRun> {
  const killed = await account.killPulumiIn(fault, ...commandOf(operation));
  let locked = await operate(account, operation);
  if (locked.output.includes("failed to load checkpoint")) {
    // Killed while it wrote the state: a file backend writes in place.
    await account.takeStateBackup(STACK);
    locked = await operate(account, operation);
  }
  if (!/locked by 1 lock\(s\).*`pulumi cancel`/.test(locked.output)) {
    throw new Error(`the lock of the killed engine is not named:\n${locked.output}`);
  }
  for (const command of [
    ["cancel", "--yes", "--stack", STACK],
    ["refresh", "--yes", "--skip-preview", "--clear-pending-creates", "--stack", STACK],
  ]) {
    const { code, output } = await account.pulumi(...command);
    if (code !== 0) throw new Error(`pulumi ${command[0]} exited with ${code}:\n${output}`);
  }
  return killed;
}

/** @param known how many requests the journal had before */
function madeBy({ cloud }: TrialAccount, known: number): KnownRequest[] {
  return requestsOf(cloud.journal.slice(known), cloud.apiUrl);
}

async function writeNote(account: TrialAccount, { customDomain, route }: Settings): Promise<void> {
  const host = String(customDomain ?? route).replace(/\/.*/, "");
  const response = await account.edge(host, "/note", { method: "PUT", body: NOTE });
  if (!response.ok) throw new Error(`the note was not taken: ${response.status}`);
}
