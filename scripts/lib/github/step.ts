import { appendFile } from "node:fs/promises";

/**
 * Hands a value to the steps and jobs that follow in a workflow of GitHub Actions; elsewhere it does
 * nothing.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
 */
export async function setStepOutput(
  name: string,
  value: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  // A line break would begin an output of another name.
  await append(env["GITHUB_OUTPUT"], `${name}=${value.replaceAll(/[\r\n]+/g, " ")}\n`);
}

/** Shows a text on the page of the workflow's run; elsewhere it does nothing. */
export async function addToSummary(
  markdown: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  await append(env["GITHUB_STEP_SUMMARY"], `${markdown}\n`);
}

async function append(file: string | undefined, text: string): Promise<void> {
  if (file !== undefined && file !== "") await appendFile(file, text);
}
