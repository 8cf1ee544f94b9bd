import type { LocalCloud } from "../../localcloud/src/index.ts";
import { readTextIfPresent, writeFileAtomically } from "./files.ts";
import { call, field, list } from "./local-api.ts";
import { LOCAL_STACK, type Project } from "./project.ts";
import { checkpointFile } from "./pulumi.ts";
import type { Reporter } from "./reporter.ts";

/** What helps when stack and cloud cannot be brought in line. */
export const START_OVER =
  "npm run local -- --reset starts over, with an empty stack and no counts.";

/**
 * Sees to it that Pulumi can load the checkpoint, which a full disk or a crash may have cut off, and
 * that it does not make anew what the local cloud has.
 * @throws Error that says what is wrong with which file, and what to do
 */
export async function checkCheckpoint(
  project: Project,
  cloud: Pick<LocalCloud, "apiUrl" | "accountId">,
  reporter: Pick<Reporter, "line">,
): Promise<void> {
  const file = checkpointFile(project);
  const text = await readTextIfPresent(file);
  if (text === null) await requireNoScripts(file, cloud);
  else if (!isWhole(text)) await restore(file, reporter);
}

/** Pulumi copies a checkpoint to `.bak` before it writes the next one. */
async function restore(file: string, reporter: Pick<Reporter, "line">): Promise<void> {
  const backup = await readTextIfPresent(`${file}.bak`);
  if (backup === null || !isWhole(backup)) {
    const state = backup === null ? "there is no backup" : "neither is its backup";
    throw new Error(
      `${file}, Pulumi's state of stack ${LOCAL_STACK}, is not whole (a full disk does that), and ` +
        `${state} (${file}.bak). ${START_OVER}`,
    );
  }
  await writeFileAtomically(file, backup);
  reporter.line(`stack: ${file} was not whole; took its backup, ${LOCAL_STACK}.json.bak`);
}

async function requireNoScripts(
  file: string,
  { apiUrl, accountId }: Pick<LocalCloud, "apiUrl" | "accountId">,
): Promise<void> {
  const scripts = list(await call("GET", `${apiUrl}/accounts/${accountId}/workers/scripts`));
  if (scripts.length === 0) return;
  const names = scripts.map((script) => String(field(script, "id"))).join(", ");
  throw new Error(
    `The local cloud has scripts (${names}), but Pulumi's state of stack ${LOCAL_STACK}, ${file}, is ` +
      `gone, so pulumi up would try to make them again. Put the file back, or: ${START_OVER}`,
  );
}

/** Whether the CLI can load this: `{"version": …, "checkpoint": {…}}`. */
function isWhole(text: string): boolean {
  try {
    const checkpoint = field(JSON.parse(text), "checkpoint");
    return typeof checkpoint === "object" && checkpoint !== null;
  } catch {
    return false;
  }
}
