import { messageOf } from "./lib/files.ts";
import { checkLedger, LEDGER_FILE, renderLedgerFaults } from "./lib/ledger-check.ts";
import { CHECKOUT } from "./lib/project.ts";

const USAGE = `npm run check:ledger

Compares ${LEDGER_FILE} with that of the last release: entries that were released stay as they were and
where they were, and new ones come after them. Exits with 1 otherwise.`;

async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    console.log(USAGE);
    process.exitCode = args.join() === "--help" ? 0 : 2;
    return;
  }
  const { summary, faults } = await checkLedger(CHECKOUT);
  console.log(summary);
  if (faults.length === 0) return;
  console.error(renderLedgerFaults(faults));
  process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
