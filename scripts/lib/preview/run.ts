import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeEngine, resolveEngine, type Engine } from "../../engine/resolve.ts";
import type { Captured } from "../child.ts";
import { withAdvice } from "../doctor/pulumi-stack.ts";
import type { Interruption } from "../interruption.ts";
import type { Reporter } from "../reporter.ts";
import { isLocalStack } from "../selected-stack.ts";
import { checkOutBase, resolveBase, type Base } from "./base.ts";
import { parseDigest, type Digest } from "./digest.ts";
import { previewOnLocalCloud, type PreviewRun } from "./local-run.ts";
import type { Comment } from "./markdown.ts";
import { maskText, secretsOf } from "./mask.ts";
import type { PreviewOptions } from "./options.ts";
import { rawDiff } from "./raw-diff.ts";
import { comparedWithDeployed, previewRealStack, whyNotReal } from "./real-run.ts";
import { describeDigest } from "./report.ts";
import { say, toPlain, type Text } from "./say.ts";

export interface Tools {
  readonly reporter: Reporter;
  readonly interruption: Interruption;
}

/** Runs the preview that credentials allow, and puts it in words. @param root of the checkout */
export async function preview(
  root: string,
  options: PreviewOptions,
  tools: Tools,
): Promise<Comment> {
  const { reporter, interruption } = tools;
  const engine = await resolveEngine({ reporter, signal: interruption.signal });
  reporter.line(`engine: ${describeEngine(engine)}`);
  const folder = await mkdtemp(join(tmpdir(), "visitor-tracker-preview-"));
  try {
    const all = { ...options, ...tools, engine, folder };
    const reason = isLocalStack(options.stack)
      ? undefined
      : await whyNotReal(root, engine, options.stack, reporter);
    if (reason !== undefined || isLocalStack(options.stack)) {
      refusePlan(options, reason);
      return await onLocalCloud(root, reason, all);
    }
    const run = await previewRealStack(root, all);
    return describe(options.stack, run, [comparedWithDeployed(options.stack)]);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @throws Error when there is to be a plan, which only the real stack has */
function refusePlan({ stack, savePlan }: PreviewOptions, reason: Text | undefined): void {
  if (savePlan === undefined) return;
  const why = reason === undefined ? "" : `: ${toPlain(reason)}`;
  throw new Error(`--save-plan: stack '${stack}' itself cannot be previewed from here${why}.`);
}

type AllOptions = PreviewOptions & Tools & { readonly engine: Engine; readonly folder: string };

/** @param reason why not against what is deployed; undefined for a stack that is nowhere else */
async function onLocalCloud(
  root: string,
  reason: Text | undefined,
  options: AllOptions,
): Promise<Comment> {
  const { folder, reporter, stack } = options;
  const commit = await resolveBase(root, options.base);
  const base = await checkOutBase(root, commit, join(folder, "base"));
  try {
    reporter.line("without the real stack: comparing with the base commit");
    const run = await previewOnLocalCloud(root, base, options);
    return describe(stack, run, notesOn(base, reason));
  } finally {
    await base.remove();
  }
}

function notesOn({ commit, hasOtherDependencies }: Base, reason: Text | undefined): Text[] {
  const compared = say`Compared with commit ${commit.slice(0, 12)}, deployed to a local cloud`;
  const dependencies = say`${"package-lock.json"} changes too; both were run with the packages that are installed here`;
  return [
    ...(reason === undefined
      ? [compared]
      : [
          [...compared, ", because ", ...reason],
          ["What is really deployed may differ from that commit"],
        ]),
    ...(hasOtherDependencies ? [dependencies] : []),
  ];
}

function describe(stack: string, run: PreviewRun, notes: readonly Text[]): Comment {
  const { captured, sizes, changes } = run;
  const digest = readDigest(stack, captured);
  return {
    stack,
    report: describeDigest(digest, { sizes, changes }),
    notes: [...notes, ...run.notes],
    diff: rawDiff(digest.resources),
  };
}

/** A run that failed before there was anything to preview prints its reason on standard error. */
function readDigest(stack: string, { code, stdout, stderr }: Captured): Digest {
  const secrets = secretsOf(process.env);
  const digest = parseOrNothing(stdout, secrets);
  if (code === 0 || digest.errors.length > 0) return digest;
  const reason = stderr.trim() || stdout.trim() || `pulumi preview exited with ${code}`;
  const said = maskText(reason, { secrets }).replace(/^error: /, "");
  return { ...digest, errors: [withAdvice(stack, said)] };
}

function parseOrNothing(stdout: string, secrets: readonly string[]): Digest {
  if (!stdout.trimStart().startsWith("{")) return { resources: [], errors: [] };
  return parseDigest(stdout, { secrets });
}
