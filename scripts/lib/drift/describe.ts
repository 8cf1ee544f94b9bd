import type { Digest, ResourceChange } from "../preview/digest.ts";
import { cutDiff, MAX_TEXT_CHARACTERS, rawDiff } from "../preview/raw-diff.ts";
import { codeBlock, say, toMarkdown, toPlain, type Text } from "../preview/say.ts";

/** What the account has otherwise than the state. */
export interface Drift {
  /** What a refresh would change in the state. */
  readonly resources: Digest["resources"];
  /** Which version serves, when it is not the one that the stack uploaded last. */
  readonly serving?: string | undefined;
  /** Whether the state has a script at all. */
  readonly isDeployed: boolean;
}

export function hasDrift({ resources, serving }: Drift): boolean {
  return resources.length > 0 || serving !== undefined;
}

/** First line of a stack's issue, by which it is found again. */
export function driftMarker(stack: string): string {
  return `<!-- visitor-tracker drift of ${stack} -->`;
}

export function driftTitle(stack: string): string {
  return `Stack ${stack} is not what was deployed`;
}

/** For a terminal. */
export function renderDrift(stack: string, drift: Drift): string {
  const { resources, isDeployed } = drift;
  if (!isDeployed) {
    return `Stack '${stack}' has nothing deployed by its state, so there is nothing to compare. Is the state elsewhere? npm run pulumi -- whoami -v`;
  }
  if (!hasDrift(drift)) return `Stack '${stack}': the account has what was deployed.`;
  return [
    `Stack '${stack}': the account does not have what was deployed.`,
    ...sentences(drift).map((text) => `  ${toPlain(text)}`),
    ...rawDiff(resources).map((line) => `    ${line}`),
    "",
    ...advice(stack).map(toPlain),
  ].join("\n");
}

/** As the body of an issue. The same drift gives the same text. */
export function renderDriftIssue(stack: string, drift: Drift): string {
  const diff = rawDiff(drift.resources);
  return [
    driftMarker(stack),
    toMarkdown(say`The account does not have what was deployed as stack ${stack}.`),
    sentences(drift)
      .map((text) => `- ${toMarkdown(text)}`)
      .join("\n"),
    ...(diff.length === 0
      ? []
      : [
          "`-` is what was deployed, `+` what the account has:",
          codeBlock(cutDiff(diff, MAX_TEXT_CHARACTERS), "diff"),
        ]),
    advice(stack)
      .map((text) => `- ${toMarkdown(text)}`)
      .join("\n"),
    "This issue is closed by itself when the two are the same again.",
    "",
  ].join("\n\n");
}

function sentences({ resources, serving }: Drift): Text[] {
  return [
    ...(serving === undefined ? [] : [say`What serves is not what was uploaded last: ${serving}`]),
    ...resources.map(sentence),
  ];
}

function sentence({ kind, name, action }: ResourceChange): Text {
  const what = action === "delete" ? " is gone" : " was changed by other means than this program";
  return [`${kind} `, { value: name }, what];
}

function advice(stack: string): Text[] {
  return [
    say`To put back what was deployed: ${`npm run pulumi -- up --refresh --stack ${stack}`}`,
    say`To keep what the account has: change the config or the code to say the same, then run that command too`,
  ];
}
