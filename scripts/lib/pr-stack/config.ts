import { parseDocument } from "yaml";
import { PROJECT_NAME } from "../project.ts";

/** What is the base's own: its script, its addresses, and what goes with them. */
const NOT_TAKEN: readonly string[] = [
  "scriptName",
  "customDomain",
  "route",
  "zone",
  "manageDns",
  "protect",
  "allowDataLoss",
];

/** What each stack of a pull request has. */
const OWN: { readonly [key: string]: string } = { workersDev: "true", demo: "true" };

/** Name of a pull request's stack; the script is `visitor-tracker-<this>`. */
export function prStackName(pr: number): string {
  return `pr-${pr}`;
}

/** The pull request whose stack has this name, with or without its owner and project; undefined for any other. */
export function pullRequestOf(stackName: string): number | undefined {
  const number = /(?:^|\/)pr-([1-9]\d{0,8})$/.exec(stackName)?.[1];
  return number === undefined ? undefined : Number(number);
}

/**
 * A copied config as a pull request's stack has it: a script and objects of its own at workers.dev,
 * with everything else as in the stack it was copied from.
 * @throws Error when it is not YAML
 */
export function ofPullRequest(yaml: string): string {
  const document = parseDocument(yaml, { intAsBigInt: true });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  if (document.contents === null) return ofPullRequest(`${yaml}\nconfig: {}\n`);
  for (const key of NOT_TAKEN) {
    for (const name of [key, `${PROJECT_NAME}:${key}`]) document.deleteIn(["config", name]);
  }
  for (const [key, value] of Object.entries(OWN)) {
    document.deleteIn(["config", key]);
    document.setIn(["config", `${PROJECT_NAME}:${key}`], value);
  }
  return document.toString();
}

/** Where the base's secrets are encrypted, for `stack init`; undefined for the backend's default. */
export function secretsProviderOf(yaml: string): string | undefined {
  const provider: unknown = parseDocument(yaml).get("secretsprovider");
  return typeof provider === "string" && provider !== "" ? provider : undefined;
}
