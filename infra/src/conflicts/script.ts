import { continueFrom, type Adoption, type AdoptionFault } from "../adoption.ts";
import { classesAfter } from "../ledger-rules.ts";
import type { Migration } from "../ledger.ts";
import { isSameStack, type StackMark } from "../stack-mark.ts";
import { doubtful, fine, impossible, type Verdict } from "./verdict.ts";

/** What the account has under the script's name. */
export interface ExistingScript {
  /** Migration tag; empty for none. */
  readonly tag: string;
  /** Durable Object classes that have namespaces; undefined when they could not be read. */
  readonly classes: readonly string[] | undefined;
  /** The stack that uploaded it; undefined when that is not known. */
  readonly mark: StackMark | undefined;
}

export interface ScriptWish {
  readonly scriptName: string;
  readonly stack: StackMark;
  readonly ledger: readonly Migration[];
  /** Whether the stack's state has the script. */
  readonly isOwned: boolean;
  readonly adopt: Adoption | undefined;
}

export interface ScriptVerdict {
  readonly verdict: Verdict;
  /** What the migrations of the next upload follow from. */
  readonly ledger: readonly Migration[];
}

/**
 * Whether an update may upload over a script, and what of the ledger it went through. Objects are
 * kept or nothing is done: what a script's history was is never guessed.
 */
export function judgeScript(existing: ExistingScript, wish: ScriptWish): ScriptVerdict {
  const { scriptName, ledger, isOwned, adopt } = wish;
  const isKnown = ledger.some(({ tag }) => tag === existing.tag);
  const isAdopted = adopt?.script === scriptName;
  const say = (verdict: Verdict): ScriptVerdict => ({ verdict, ledger });
  if (isOwned && (isKnown || existing.tag === "")) return say(fine(progress(existing, wish)));
  if (isAdopted) return adoptScript(existing, wish, adopt.renamedClasses);
  if (isOwned) return say(unknownTag(existing, wish));
  const { mark } = existing;
  if (mark !== undefined && !isSameStack(mark, wish.stack)) {
    return say(otherStack(mark, scriptName));
  }
  if (mark !== undefined && isKnown) {
    return say(
      fine(`'${scriptName}' was uploaded by this stack, whose state has lost it; it is taken over`),
    );
  }
  if (isKnown && existing.classes === undefined) return say(unseen(scriptName));
  return say(foreign(existing, scriptName));
}

function progress({ tag }: ExistingScript, { scriptName, ledger }: ScriptWish): string {
  if (tag === "") return `'${scriptName}' is there without objects; the update makes them`;
  const last = ledger.at(-1)?.tag ?? "";
  const next = tag === last ? "the newest" : `the update takes it to '${last}'`;
  return `'${scriptName}' is deployed, its objects at migration tag '${tag}': ${next}`;
}

function adoptScript(
  { tag, classes }: ExistingScript,
  { scriptName, ledger }: ScriptWish,
  renamedClasses: Adoption["renamedClasses"],
): ScriptVerdict {
  if (classes === undefined) {
    const found = `the classes of the script '${scriptName}' cannot be read, and it cannot be adopted without`;
    const advice = "let the token read the account's scripts (Account, Workers Scripts, Edit)";
    return { verdict: impossible(found, advice), ledger };
  }
  const { fault, ...next } = continueFrom(ledger, { tag, classes }, renamedClasses);
  if (fault !== undefined) {
    return { verdict: explainFault(fault, scriptName, ledger, classes), ledger };
  }
  const from = tag === "" ? "without a migration tag" : `at migration tag '${tag}'`;
  return {
    verdict: fine(`'${scriptName}', ${from}, is adopted with ${withClasses(classes)}`),
    ledger: "ledger" in next ? next.ledger : ledger,
  };
}

function explainFault(
  { kind, name }: AdoptionFault,
  scriptName: string,
  ledger: readonly Migration[],
  classes: readonly string[],
): Verdict {
  const known = classesAfter(ledger);
  if (kind === "unknown class") {
    return impossible(
      `the script '${scriptName}' has objects of the class ${name}, which this code does not know (it knows ${known.join(", ")})`,
      `if it counts visitors as one of these does, say which: pulumi config set --path adopt.renamedClasses.${name} ${known[0] ?? ""}; else delete the class with the tool that deployed it`,
    );
  }
  const set = kind === "not ours" ? known : classes;
  return impossible(
    `adopt.renamedClasses names the class ${name}, and ${kind === "not ours" ? "this code" : `the script '${scriptName}'`} has none of that name (it has ${set.join(", ") || "no classes"})`,
    "correct adopt.renamedClasses: the deployed name, then this code's",
  );
}

function unknownTag({ tag }: ExistingScript, { scriptName, ledger }: ScriptWish): Verdict {
  return impossible(
    `the deployed script '${scriptName}' is at migration tag '${tag}', which this code does not know (it knows ${ledger.map((entry) => entry.tag).join(", ")})`,
    "if a newer version of this code deployed it, deploy with that version; " +
      `if another project did, adopt its objects: pulumi config set --path adopt.script ${scriptName} (docs/adopt.md); ` +
      "or give this stack a script of its own: pulumi config set scriptName <another name>",
  );
}

function otherStack({ project, stack }: StackMark, scriptName: string): Verdict {
  return impossible(
    `the script '${scriptName}' belongs to the stack '${project}/${stack}', and two stacks would overwrite each other's`,
    "give this stack a script of its own: pulumi config set scriptName <another name>; " +
      `if that stack is gone for good: pulumi config set --path adopt.script ${scriptName}`,
  );
}

function foreign({ tag, classes }: ExistingScript, scriptName: string): Verdict {
  const history = tag === "" ? "it has no migration tag" : `it is at migration tag '${tag}'`;
  return impossible(
    `the account already has a script '${scriptName}' that this stack did not upload: ${history}, with ${withClasses(classes ?? [])}; an update would replace its code and bindings`,
    "give this stack a script of its own: pulumi config set scriptName <another name>; " +
      `to take it over with its objects: pulumi config set --path adopt.script ${scriptName} (docs/adopt.md); ` +
      "if nobody needs it, delete it in the dashboard",
  );
}

function unseen(scriptName: string): Verdict {
  return doubtful(
    `the account has a script '${scriptName}' that is not in this stack's state, and who uploaded it cannot be read; it is taken over`,
    "let the token read the account's scripts (Account, Workers Scripts, Edit) to have that checked",
  );
}

function withClasses(classes: readonly string[]): string {
  return classes.length === 0 ? "no objects" : `the objects of ${classes.join(", ")}`;
}
