import { join } from "node:path";
import { compareApi, formatApiChanges, updateApi } from "./lib/api-report.ts";
import { messageOf } from "./lib/files.ts";
import { CHECKOUT } from "./lib/project.ts";

const USAGE = `npm run api [-- --check]

Describes the public types of the built client in client/api/, which users' code depends on.
  --check  only compare, and fail where the types are not as described`;

async function main(args: readonly string[]): Promise<void> {
  const isCheck = args.join() === "--check";
  if (args.length > 0 && !isCheck) {
    console.log(USAGE);
    process.exitCode = args.join() === "--help" ? 0 : 2;
    return;
  }
  const client = join(CHECKOUT, "client");
  const changes = await compareApi(client);
  if (changes.length === 0) return console.log("client/api/ is up to date");
  console.log(`The public types of @visitor-tracker/client:\n${formatApiChanges(changes)}`);
  if (!isCheck) {
    await updateApi(client, changes);
    return console.log("Written to client/api/: commit it, with a changeset (npm run changeset).");
  }
  console.log(
    "They are not what client/api/ says. If users' code shall see that change, run `npm run api` " +
      "and commit it, with a changeset (npm run changeset); else take the change back.",
  );
  process.exitCode = 1;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
