import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { isRecord } from "../../infra/src/is-record.ts";
import { CHECKOUT } from "../lib/project.ts";

export const WORKFLOWS: string = join(CHECKOUT, ".github/workflows");

export interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with: { readonly [name: string]: unknown };
  readonly env: { readonly [name: string]: unknown };
}

interface Job {
  readonly name: string;
  readonly timeoutMinutes: unknown;
  /** Undefined when the job says nothing of its own. */
  readonly permissions: { readonly [scope: string]: unknown } | undefined;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly text: string;
  /** Names of the events that start it. */
  readonly events: readonly string[];
  readonly permissions: unknown;
  readonly jobs: readonly Job[];
}

/** Names of the workflows' files. */
export const WORKFLOW_FILES: readonly string[] = (await readdir(WORKFLOWS)).filter((file) =>
  file.endsWith(".yml"),
);

/** @param file in .github/workflows */
export async function readWorkflow(file: string): Promise<Workflow> {
  const text = await readFile(join(WORKFLOWS, file), "utf8");
  const { on, permissions, jobs } = fields(parse(text));
  return {
    text,
    events: typeof on === "string" ? [on] : Object.keys(fields(on)),
    permissions,
    jobs: Object.entries(fields(jobs)).map(([name, job]) => jobOf(name, fields(job))),
  };
}

/** The command lines of a workflow's job, but for the installation of the packages. */
export async function commandsOf(file: string, job: string): Promise<string[]> {
  const { jobs } = await readWorkflow(file);
  const steps = jobs.find(({ name }) => name === job)?.steps ?? [];
  return steps.flatMap(({ run }) => (run === undefined || run.startsWith("npm ci") ? [] : [run]));
}

function jobOf(name: string, job: { readonly [key: string]: unknown }): Job {
  const { permissions, steps, "timeout-minutes": timeoutMinutes } = job;
  const list = Array.isArray(steps) ? steps.map(fields) : [];
  return {
    name,
    timeoutMinutes,
    permissions: isRecord(permissions) ? permissions : undefined,
    steps: list.map((step) => ({
      ...(typeof step["run"] === "string" ? { run: step["run"] } : {}),
      ...(typeof step["uses"] === "string" ? { uses: step["uses"] } : {}),
      with: fields(step["with"]),
      env: fields(step["env"]),
    })),
  };
}

function fields(value: unknown): { readonly [key: string]: unknown } {
  return isRecord(value) ? value : {};
}
