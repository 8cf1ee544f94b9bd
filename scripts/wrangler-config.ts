import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker } from "@visitor-tracker/worker/build";
import { messageOf, writeFileAtomically } from "./lib/files.ts";
import { CHECKOUT } from "./lib/project.ts";
import { BUNDLE, renderWranglerConfig } from "./lib/wrangler-file.ts";

const USAGE = `npm run wrangler-config -- [--stack STACK] [--out FILE | --print]

Writes wrangler's config of what the Pulumi program would deploy, for a deployment without Pulumi:
  npm run wrangler-config -- --stack prod
  npx wrangler deploy --config wrangler.prod.jsonc
  --stack   which stack (default: prod); its settings are in Pulumi.<stack>.yaml
  --out     the file to write (default: wrangler.<stack>.jsonc in the checkout)
  --print   print it instead
  --bundle  only bundle the Worker: what wrangler runs before a deployment`;

async function main(args: readonly string[]): Promise<void> {
  const { stack, out, print, bundle, help } = parseOptions(args);
  if (help) return console.log(USAGE);
  if (bundle) return void (await buildWorker({ outFile: BUNDLE }));
  const file = resolve(out ?? join(CHECKOUT, `wrangler.${stack}.jsonc`));
  const { text, todo } = await renderWranglerConfig(stack, { folder: dirname(file) });
  if (print) return void process.stdout.write(text);
  await writeFileAtomically(file, text);
  console.log(`wrote ${relative(process.cwd(), file)}`);
  console.log(`deploy it with: npx wrangler deploy --config ${relative(process.cwd(), file)}`);
  for (const line of todo) console.log(`wrangler does not do this: ${line}`);
}

function parseOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stack: { type: "string", default: "prod" },
      out: { type: "string" },
      print: { type: "boolean", default: false },
      bundle: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return values;
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(messageOf(error));
  process.exitCode = 2;
});
