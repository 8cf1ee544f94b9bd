import type { Namespace } from "../model/state.ts";
import {
  type Work,
  checkStorage,
  note,
  noteNotInCode,
  noteStale,
  ownNamespace,
  problem,
} from "./reconciliation.ts";

/** What a script says of a class that it is to be given. */
interface Expectation {
  from: string;
  storage: "sqlite" | "legacy-kv";
}

/**
 * The first half of a transfer: the script that is to get the class says that it expects it. The objects stay
 * where they are until the other script gives them away.
 */
export function expectClass(work: Work, name: string, { from, storage }: Expectation): void {
  const { script, exports, scripts } = work.input;
  const own = ownNamespace(work, name);
  if (!exports.has(name)) return noteNotInCode(work, name);
  if (from === script) {
    return problem(work, name, "invalid_export", {
      message: "'transfer_from' names this Worker itself.",
      suggestion: "Name the Worker that has the class.",
    });
  }
  if (own !== undefined) return expectOwned(work, own, from);
  if (!scripts.has(from)) {
    return problem(work, name, "phase_one_transfer_source_missing", {
      message: `It is expected of the Worker '${from}', which does not exist on your account.`,
      suggestion: "Correct 'transfer_from'.",
    });
  }
  const source = namespaceOf(work, from, name);
  if (source === undefined) {
    return problem(work, name, "phase_one_transfer_source_namespace_missing", {
      message: `It is expected of the Worker '${from}', which has no such class.`,
      suggestion: `Deploy '${from}' with the class first.`,
    });
  }
  if (!checkStorage(work, source, storage) || isInFlight(work, name, from)) return;
  work.summary.transfer_pending.push({ class: name, from });
}

/** The entry stays in the configuration for a while after the transfer. */
function expectOwned(
  work: Work,
  { id, className, transferredFrom }: Namespace,
  from: string,
): void {
  if (transferredFrom === from) {
    note(work, className, "transfer_receive_already_applied", {
      message: `It was transferred from '${from}' already. Declare it as live.`,
      namespace_id: id,
    });
  } else if (transferredFrom === undefined) {
    problem(work, className, "phase_one_transfer_target_class_provisioned", {
      message: "This Worker has the class, with Durable Objects of its own.",
      suggestion: "Declare it as live, or delete it first.",
      namespace_id: id,
    });
  } else {
    problem(work, className, "phase_one_transfer_after_commit_mismatch", {
      message: `It was transferred from '${transferredFrom}', and not from '${from}'.`,
      suggestion: "Remove the entry: a transfer cannot be redirected afterwards.",
      namespace_id: id,
    });
  }
}

/** Whether this Worker expects the class of another one, or another one expects it of the same. */
function isInFlight(work: Work, name: string, from: string): boolean {
  const { script, pendingTransfers } = work.input;
  const other = pendingTransfers.find(
    (pending) => pending.className === name && (pending.to === script) !== (pending.from === from),
  );
  if (other === undefined) return false;
  problem(work, name, "phase_one_transfer_duplicate", {
    message: `The Worker '${other.to}' expects it of '${other.from}' already.`,
    suggestion: "Deploy that Worker without the entry first.",
  });
  return true;
}

/** The second half: the script that has the class gives it away, with all of its objects. */
export function transferClass(work: Work, name: string, to: string): void {
  const { script, exports, scripts, pendingTransfers } = work.input;
  const namespace = ownNamespace(work, name);
  if (to === script) {
    return problem(work, name, "invalid_export", {
      message: "'transferred_to' names this Worker itself.",
      suggestion: "Name the Worker that is to get the class.",
    });
  }
  if (namespace === undefined) return noteStale(work, name);
  if (!scripts.has(to)) {
    return problem(work, name, "transferred_target_missing", {
      message: `It is transferred to the Worker '${to}', which does not exist on your account.`,
      suggestion: "Correct 'transferred_to', or remove the entry.",
    });
  }
  const pending = pendingTransfers.filter((one) => one.className === name && one.from === script);
  if (pending.length === 0) {
    return problem(work, name, "transferred_pending_not_found", {
      message: `It is transferred to the Worker '${to}', which does not expect it.`,
      suggestion: `Deploy '${to}' first, with an 'expecting-transfer' entry that names '${script}'.`,
    });
  }
  if (!pending.some((one) => one.to === to)) {
    return problem(work, name, "transferred_target_mismatch", {
      message: `It is transferred to the Worker '${to}', and '${pending[0]?.to}' expects it.`,
      suggestion: "Name that Worker, or deploy it without the entry first.",
    });
  }
  namespace.script = to;
  namespace.transferredFrom = script;
  work.summary.transferred.push({ class: name, to, phase: "committed" });
  if (exports.has(name)) {
    note(work, name, "tombstone_class_still_in_code", {
      message: "It is transferred, and the code still exports it.",
      namespace_id: namespace.id,
    });
  }
}

function namespaceOf({ namespaces }: Work, owner: string, name: string): Namespace | undefined {
  return namespaces.find(({ script, className }) => script === owner && className === name);
}
