import { parseArgs } from "node:util";
import { KINDS, type Kind, isKind } from "./generate.ts";
import { SUBJECT_NAMES, type SubjectName } from "./subjects.ts";

export const USAGE: string = `npm run exact -- [options]
  --subject NAME       ${SUBJECT_NAMES.join(", ")}; default ours
  --seed N             the first seed; default 1
  --seeds N            how many; default 50, or 1 with --seed
  --steps N            steps of each seed; default 200
  --checkpoints N      go on with further seeds until that many were made
  --jobs N             pages at the same time; default 24
  --servers N          workerd processes that they are spread over; default 3
  --only A,B           nothing but these may happen
  --without A,B        these may not happen: ${KINDS.join(", ")}
  --no-shrink          do not look for the least steps that go wrong
  --replay FILE|JSON   play these steps
  --mutants            plant bugs into the Worker, and see that each is found
  --mutant NAME        only this one`;

export interface CommandLine {
  readonly subject: SubjectName;
  readonly seed: number;
  readonly seeds: number;
  readonly steps: number;
  readonly checkpoints: number;
  readonly jobs: number;
  readonly servers: number;
  readonly kinds: readonly Kind[];
  readonly shrink: boolean;
  readonly replay: string | null;
  readonly mutants: boolean;
  readonly mutant: string | null;
}

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean" } as const;

/** @throws Error that says which argument is wrong, and what to give */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      subject: TEXT,
      seed: TEXT,
      seeds: TEXT,
      steps: TEXT,
      checkpoints: TEXT,
      jobs: TEXT,
      servers: TEXT,
      only: TEXT,
      without: TEXT,
      replay: TEXT,
      mutant: TEXT,
      mutants: FLAG,
      "no-shrink": FLAG,
    },
  });
  const { subject: name = "ours", replay = null, mutant = null } = values;
  const subject = SUBJECT_NAMES.find((known) => known === name);
  if (subject === undefined) {
    throw new Error(`--subject ${name} is unknown; use one of ${SUBJECT_NAMES.join(", ")}`);
  }
  return {
    subject,
    seed: parseNumber("seed", values.seed, 1),
    seeds: parseNumber("seeds", values.seeds, values.seed === undefined ? 50 : 1),
    steps: parseNumber("steps", values.steps, 200),
    checkpoints: parseNumber("checkpoints", values.checkpoints, 0),
    jobs: parseNumber("jobs", values.jobs, 24),
    servers: parseNumber("servers", values.servers, 3),
    kinds: parseKinds(values.only, values.without),
    shrink: values["no-shrink"] !== true,
    replay,
    mutants: values.mutants === true || mutant !== null,
    mutant,
  };
}

function parseNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new Error(`--${name} ${text} is not a number; use one such as ${otherwise || 1_000}`);
}

function parseKinds(only: string | undefined, without: string | undefined): readonly Kind[] {
  const wanted = only === undefined ? KINDS : parseList("only", only);
  const unwanted = without === undefined ? [] : parseList("without", without);
  return wanted.filter((kind) => !unwanted.includes(kind));
}

function parseList(name: string, text: string): Kind[] {
  return text.split(",").map((kind) => {
    if (isKind(kind)) return kind;
    throw new Error(`--${name} ${kind} is unknown; use some of ${KINDS.join(", ")}`);
  });
}
