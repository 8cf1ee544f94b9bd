import type { Digest, ResourceChange } from "../preview/digest.ts";
import { cutDiff, MAX_TEXT_CHARACTERS, rawDiff } from "../preview/raw-diff.ts";
import { codeBlock, say, toMarkdown, toPlain, type Text } from "../preview/say.ts";

/** First line of a stack's issue, by which it is found again. */
export function driftMarker(stack: string): string {
  return `<!-- visitor-tracker drift of ${stack} -->`;
}

export function driftTitle(stack: string): string {
  return `Stack ${stack} is not what was deployed`;
}

/** For a terminal. */
export function renderDrift(stack: string, resources: Digest["resources"]): string {
  if (resources.length === 0) return `Stack '${stack}': the account has what was deployed.`;
  return [
    `Stack '${stack}': the account does not have what was deployed.`,
    ...resources.map((resource) => `  ${toPlain(sentence(resource))}`),
    ...rawDiff(resources).map((line) => `    ${line}`),
    "",
    ...advice(stack).map(toPlain),
  ].join("\n");
}

/** As the body of an issue. The same drift gives the same text. */
export function renderDriftIssue(stack: string, resources: Digest["resources"]): string {
  return [
    driftMarker(stack),
    toMarkdown(say`The account does not have what was deployed as stack ${stack}.`),
    resources.map((resource) => `- ${toMarkdown(sentence(resource))}`).join("\n"),
    "`-` is what was deployed, `+` what the account has:",
    codeBlock(cutDiff(rawDiff(resources), MAX_TEXT_CHARACTERS), "diff"),
    advice(stack)
      .map((text) => `- ${toMarkdown(text)}`)
      .join("\n"),
    "This issue is closed by itself when the two are the same again.",
    "",
  ].join("\n\n");
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
