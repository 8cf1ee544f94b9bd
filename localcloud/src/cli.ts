#!/usr/bin/env node
import { runCommandLine } from "./cli/main.ts";

// Whoever read the output may be gone (`| head`, a closed terminal): what runs is not to end of it.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: (text) => process.stdout.write(`${text}\n`),
  stderr: (text) => process.stderr.write(`${text}\n`),
});
