import { dirname, join, relative, resolve } from "node:path";
import { buildWorker } from "@visitor-tracker/worker/build";
import { messageOf, writeFileAtomically } from "./lib/files.ts";
import { parseOptions, parseStack } from "./lib/options.ts";
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
  const { out, print, bundle, help, ...others } = readOptions(args);
  if (help) return console.log(USAGE);
  if (bundle) return void (await buildWorker({ outFile: BUNDLE }));
  const stack = parseStack(others.stack);
  const file = resolve(out ?? join(CHECKOUT, `wrangler.${stack}.jsonc`));
  const { text, todo } = await renderWranglerConfig(stack, { folder: dirname(file) });
  if (print) return void process.stdout.write(text);
  await writeFileAtomically(file, text);
  console.log(`wrote ${relative(process.cwd(), file)}`);
  console.log(`deploy it with: npx wrangler deploy --config ${relative(process.cwd(), file)}`);
  for (const line of todo) console.log(`wrangler does not do this: ${line}`);
}

function readOptions(args: readonly string[]) {
  const { values } = parseOptions({
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
