import type { Problem } from "../../../infra/src/config-problems.ts";
import { parseConfig, type StackConfig } from "../../../infra/src/config.ts";
import { LOCAL_STACK, type Project } from "../project.ts";
import { findRunning } from "../running.ts";
import { readStackFile, type StackFile } from "../stack-file.ts";
import { ok, problem, type Finding } from "./finding.ts";
import { readSecret, type PulumiRun } from "./pulumi-stack.ts";

const CHECK = "stack config";

/** A stack's config and its API token, as far as they can be had. */
export interface Settings {
  readonly finding: Finding;
  readonly config?: StackConfig;
  /** From the config; undefined when it has none, or an encrypted one that could not be read. */
  readonly apiToken?: string;
  /** Whether a passphrase protects the stack's secrets. */
  readonly hasPassphrase?: boolean;
}

/**
 * Reads and checks a stack's config, as the program would.
 * @param pulumi decrypts values; null when there is no engine
 */
export async function readSettings(
  project: Project,
  stack: string,
  pulumi: PulumiRun | null,
): Promise<Settings> {
  const file = await readStackFile(project.root, stack);
  const secrets = await decrypt(file, pulumi);
  if ("check" in secrets) return { finding: secrets };
  const values = { ...file.values, ...secrets.values, ...(await runningCloud(project, stack)) };
  const { config, problems } = parseConfig({ ...file, values });
  if (config === undefined) return { finding: invalid(file.file, problems) };
  const apiToken = secrets.apiToken ?? file.apiToken ?? undefined;
  return {
    finding: ok(
      CHECK,
      `${file.file} is valid: script '${config.scriptName}', ${addresses(config)}`,
    ),
    config,
    hasPassphrase: file.hasPassphrase,
    ...(apiToken === undefined ? {} : { apiToken }),
  };
}

interface Secrets {
  readonly values: { readonly [key: string]: string };
  readonly apiToken?: string;
}

/** The two values that may be encrypted. */
async function decrypt(file: StackFile, pulumi: PulumiRun | null): Promise<Secrets | Finding> {
  const read = async (key: string): Promise<{ value: string } | { reason: string }> =>
    pulumi === null
      ? { reason: "there is no Pulumi engine yet" }
      : readSecret(file.stack, key, pulumi);
  const account = file.secretKeys.has("accountId") ? await read("accountId") : null;
  const token = file.apiToken === null ? await read("cloudflare:apiToken") : null;
  for (const [key, answer] of [
    ["accountId", account],
    ["cloudflare:apiToken", token],
  ] as const) {
    if (answer !== null && "reason" in answer) {
      return problem(
        CHECK,
        `${key} is encrypted, and cannot be decrypted here: ${answer.reason}`,
        "make the stack's secrets readable (PULUMI_CONFIG_PASSPHRASE, or pulumi login), and run this again",
      );
    }
  }
  return {
    values: account !== null && "value" in account ? { accountId: account.value } : {},
    ...(token !== null && "value" in token ? { apiToken: token.value } : {}),
  };
}

/** Where the local cloud of this checkout listens right now. */
async function runningCloud(project: Project, stack: string): Promise<Record<string, string>> {
  if (stack !== LOCAL_STACK) return {};
  const running = await findRunning(project);
  if (running === null || running.apiUrl === null || running.edgeUrl === null) return {};
  return { cloudflareBaseUrl: running.apiUrl, edgeUrl: running.edgeUrl };
}

function invalid(file: string, problems: readonly Problem[]): Finding {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(({ key, message }) => `${key}: ${message}`);
  const fixes = problems.map(({ fix }) => fix);
  return problem(CHECK, [`${file} has ${count}:`, ...lines].join("\n"), fixes.join("\n"));
}

function addresses({ exposure }: StackConfig): string {
  const { customDomain, route, workersDev } = exposure;
  const all = [customDomain, route?.pattern, ...(workersDev ? ["workers.dev"] : [])];
  return all.filter((address) => address !== undefined).join(", ");
}
