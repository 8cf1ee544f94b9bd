import { join } from "node:path";
import { compareApi, formatApiChanges, updateApi } from "./lib/api-report.ts";
import { messageOf } from "./lib/files.ts";
import { CHECKOUT } from "./lib/project.ts";

const USAGE = `npm run api [-- --check]

Describes the public types of each built package in its api/, which users' code depends on.
  --check  only compare, and fail where the types are not as described`;

/** The component's types are Pulumi's for the most part, and its tests compile a program with them. */
const PACKAGES = ["client", "localcloud"] as const;

async function main(args: readonly string[]): Promise<void> {
  const isCheck = args.join() === "--check";
  if (args.length > 0 && !isCheck) {
    console.log(USAGE);
    process.exitCode = args.join() === "--help" ? 0 : 2;
    return;
  }
  for (const name of PACKAGES) await describe(name, isCheck);
}

async function describe(name: string, isCheck: boolean): Promise<void> {
  const folder = join(CHECKOUT, name);
  const changes = await compareApi(folder);
  if (changes.length === 0) return console.log(`${name}/api/ is up to date`);
  console.log(`The public types of @visitor-tracker/${name}:\n${formatApiChanges(changes)}`);
  if (!isCheck) {
    await updateApi(folder, changes);
    return console.log(`Written to ${name}/api/: commit it, with a changeset (npm run changeset).`);
  }
  console.log(
    `They are not what ${name}/api/ says. If users' code shall see that change, run \`npm run api\` ` +
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
