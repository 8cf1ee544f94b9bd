import { fileURLToPath } from "node:url";
import { figuresOf } from "./figures.ts";
import { measure } from "./measure.ts";
import { QUIET_USAGE, parseQuietOptions } from "./options.ts";
import { saveRun } from "./results.ts";

const RESULTS = fileURLToPath(new URL("../../results.json", import.meta.url));

async function main(args: readonly string[]): Promise<void> {
  const options = parseQuietOptions(args, RESULTS);
  if (options === "help") return console.log(QUIET_USAGE);
  const { visitors, minutes, out } = options;
  for (const clients of options.clients) {
    console.log(`${visitors} visitors with the ${clients} client, quiet for ${minutes} min`);
    const run = await measure({
      clients,
      visitors,
      quietMs: minutes * 60_000,
      log: (line) => console.log(`  ${line}`),
    });
    console.table(figuresOf(run));
    if (out !== null) await saveRun(out, run, new Date().toISOString().slice(0, 10));
    if (!run.isRight) process.exitCode = 1;
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
