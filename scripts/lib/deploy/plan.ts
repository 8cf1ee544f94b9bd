import { createHash } from "node:crypto";
import { isRecord } from "../../../infra/src/is-record.ts";
import type { Engine } from "../../engine/resolve.ts";
import { capture, type CaptureOptions } from "../child.ts";
import { readTextIfPresent, writeFileAtomically } from "../files.ts";

/** An update plan as `npm run preview -- --save-plan` keeps it, for `npm run deploy -- --plan`. */
export interface SavedPlan {
  readonly stack: string;
  /** See `readStateHash`: the plan says what changes, and holds for this state alone. */
  readonly stateHash: string;
  /** Pulumi's own plan. What is secret in it is encrypted as it is in the state. */
  readonly plan: { readonly [key: string]: unknown };
}

const VERSION = 1;

/**
 * Names the stack's state as it is now: every update makes another, also one that changes nothing.
 * Previews do not.
 * @throws Error with what the CLI says
 */
export async function readStateHash(
  engine: Engine,
  stack: string,
  options: CaptureOptions,
): Promise<string> {
  const args = ["stack", "export", "--stack", stack, "--non-interactive"];
  const { code, stdout, stderr } = await capture(engine.command, args, options);
  if (code !== 0) throw new Error(`pulumi stack export failed:\n${stderr.trim()}`);
  return createHash("sha256").update(stdout).digest("hex");
}

export async function writePlan(file: string, saved: SavedPlan): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify({ version: VERSION, ...saved })}\n`);
}

/** @throws Error when the file is none of ours, or for another stack */
export async function readPlan(file: string, stack: string): Promise<SavedPlan> {
  const text = await readTextIfPresent(file);
  if (text === null) throw new Error(`--plan: there is no ${file}. ${planAgain(stack)}`);
  const saved = parse(text);
  if (saved === undefined) {
    throw new Error(`--plan: ${file} is no plan of npm run preview. ${planAgain(stack)}`);
  }
  if (saved.stack === stack) return saved;
  throw new Error(`--plan: ${file} is a plan for stack '${saved.stack}', not for '${stack}'.`);
}

/** What to do for a plan that can be applied. */
export function planAgain(stack: string): string {
  return `To make a plan: npm run preview -- --stack ${stack} --save-plan <file>.`;
}

function parse(text: string): SavedPlan | undefined {
  const value = parseJson(text);
  if (!isRecord(value) || value["version"] !== VERSION) return undefined;
  const { stack, stateHash, plan } = value;
  if (typeof stack !== "string" || typeof stateHash !== "string" || !isRecord(plan)) {
    return undefined;
  }
  return { stack, stateHash, plan };
}

/** Pulumi's plan as the CLI wrote it. @throws Error when it is not JSON */
export function parsePulumiPlan(text: string): SavedPlan["plan"] {
  const plan = parseJson(text);
  if (isRecord(plan)) return plan;
  throw new Error("pulumi preview --save-plan wrote no plan");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
