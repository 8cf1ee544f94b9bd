import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { update } from "../lib/deploy/update.ts";
import { readTextIfPresent } from "../lib/files.ts";
import { recordingReporter, shell, temporaryFolder, writeFiles } from "./support.ts";

interface Told {
  /** What `pulumi stack export` prints. */
  readonly state?: string;
  /** What `pulumi stack history` prints. */
  readonly history?: string;
  /** Exit code of `pulumi refresh`. @default 0 */
  readonly refresh?: number;
}

/** Updates stack `prod` with a `pulumi` that tells this, and notes what it is to change. */
async function updateAfter({ state = "{}", history = "[]", refresh = 0 }: Told): Promise<{
  code: number;
  lines: string[];
  commands: string[];
}> {
  const cwd = temporaryFolder();
  await writeFiles(cwd, {
    pulumi: shell(
      `[ "$2" = export ] && echo '${state}' && exit`,
      `[ "$2" = history ] && echo '${history}' && exit`,
      'echo "$*" >> commands',
      `[ "$1" = refresh ] && exit ${refresh}`,
      "exit 0",
    ),
  });
  const reporter = recordingReporter();
  const engine = { command: join(cwd, "pulumi"), version: "v3.259.0", origin: "PATH" } as const;
  const run = { cwd, env: { PATH: "/usr/bin:/bin" } };
  const code = await update("prod", engine, run, { reporter, yes: true });
  const commands = (await readTextIfPresent(join(cwd, "commands"))) ?? "";
  return { code, lines: reporter.lines, commands: commands.split("\n").slice(0, -1) };
}

const UP = "up --stack prod --yes";
const REFRESH = "refresh --clear-pending-creates --stack prod --yes";

describe("an update", () => {
  test.each([
    ["of a stack that was never updated", {}],
    ["after one that went well", { history: '[{"kind":"update","result":"succeeded"}]' }],
    ["of a stack that the CLI tells nothing about", { state: "no", history: "no" }],
  ])("%s refreshes nothing first", async (_when, told) => {
    expect(await updateAfter(told)).toEqual({ code: 0, lines: [], commands: [UP] });
  });

  test("after one that failed refreshes the state first, and says why", async () => {
    const last = { kind: "destroy", startTime: "2026-11-30T12:00:00.000Z", result: "failed" };
    expect(await updateAfter({ history: JSON.stringify([last]) })).toEqual({
      code: 0,
      lines: [
        "the last update of stack prod failed (destroy, 2026-11-30T12:00:00.000Z): refreshing its state",
      ],
      commands: [REFRESH, UP],
    });
  });

  test("after one that was killed drops its unfinished steps first, and names them", async () => {
    const resource = { type: "cloudflare:index/workersRoute:WorkersRoute" };
    const deployment = { pending_operations: [{ type: "creating", resource }] };
    const { lines, commands } = await updateAfter({ state: JSON.stringify({ deployment }) });
    expect(lines).toEqual([
      "the last update of stack prod was interrupted while creating WorkersRoute: refreshing its state",
    ]);
    expect(commands).toEqual([REFRESH, UP]);
  });

  test("does not begin when that refresh fails", async () => {
    const history = '[{"kind":"update","startTime":"then","result":"failed"}]';
    const { code, commands } = await updateAfter({ history, refresh: 9 });
    expect([code, commands]).toEqual([9, [REFRESH]]);
  });
});
