import { join, relative } from "node:path";
import { renderProblems } from "../../infra/src/config-problems.ts";
import { parseConfig, type StackConfig } from "../../infra/src/config.ts";
import { CHECKOUT } from "./project.ts";
import { readStackFile } from "./stack-file.ts";
import { leftToDo, wranglerConfig } from "./wrangler-config.ts";

/** Where the Pulumi program has its bundle too. */
export const BUNDLE: string = join(CHECKOUT, "infra/.build/worker.js");

/** Makes {@link BUNDLE}. By npm, which puts the project's own Node on PATH. */
const BUILD_COMMAND = "npm exec -- node scripts/wrangler-config.ts --bundle";

/** Stands in for an account ID that cannot be read, and is written nowhere. */
const NO_ACCOUNT = "0".repeat(32);

export interface WranglerFile {
  readonly text: string;
  /** What a deployment by wrangler leaves to the person. */
  readonly todo: readonly string[];
}

/**
 * Wrangler's config of a stack, as a file that says where it comes from.
 * @param options.folder the file's own; its paths are relative to that
 * @param options.root where Pulumi.<stack>.yaml is. @default this checkout
 * @throws Error with all that is wrong with the stack's config
 */
export async function renderWranglerConfig(
  stack: string,
  options: { folder: string; root?: string },
): Promise<WranglerFile> {
  const { folder, root = CHECKOUT } = options;
  const source = await readStackFile(root, stack);
  const withAccount = !source.secretKeys.has("accountId");
  const values = withAccount ? source.values : { ...source.values, accountId: NO_ACCOUNT };
  const { config, problems } = parseConfig({ ...source, values });
  if (config === undefined) throw new Error(renderProblems(stack, problems));
  if (config.localCloud !== undefined) {
    throw new Error(`Stack '${stack}' is for the local cloud; take a stack for Cloudflare.`);
  }
  const content = wranglerConfig(config, {
    main: relative(folder, BUNDLE),
    root: relative(folder, CHECKOUT) || ".",
    buildCommand: BUILD_COMMAND,
    withAccount,
  });
  const todo = todoOf(config, withAccount);
  const head = [
    `// Made by npm run wrangler-config -- --stack ${stack}, from Pulumi.${stack}.yaml and infra/src.`,
    "// Change those and make it anew; what is changed here is lost.",
    ...todo.map((line) => `// Wrangler does not do this: ${line}.`),
  ];
  return { text: `${head.join("\n")}\n${JSON.stringify(content, null, 2)}\n`, todo };
}

function todoOf(config: StackConfig, withAccount: boolean): string[] {
  const account =
    "set CLOUDFLARE_ACCOUNT_ID in the environment: the stack's account ID is encrypted";
  return [...leftToDo(config), ...(withAccount ? [] : [account])];
}
