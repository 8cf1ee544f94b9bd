import type { Captured } from "../../scripts/lib/child.ts";
import { commandsOf } from "../../scripts/test/workflow-files.ts";
import { AccountCheckout } from "./account-checkout.ts";

/** What must be seen nowhere, besides the account's ID. */
export const SECRETS = {
  token: "aTokenThatTheLocalCloudDoesNotLookAt00000",
  "token of the config": "anotherTokenWhichIsInAStacksConfig-000000",
  passphrase: "correct horse/battery=staple?",
} as const;

/** An account with stacks `staging` and `prod`, not deployed yet, that workflows run against. */
export class WorkflowAccount {
  readonly account: AccountCheckout;

  static async start(): Promise<WorkflowAccount> {
    const account = await AccountCheckout.start({
      env: { CLOUDFLARE_API_TOKEN: SECRETS.token, PULUMI_CONFIG_PASSPHRASE: SECRETS.passphrase },
      files: ({ apiUrl, edgeUrl }) => {
        const stack = (path: string): string =>
          [
            "config:",
            "  visitor-tracker:allowedOrigins:",
            "    - https://example.com",
            `  visitor-tracker:cloudflareBaseUrl: ${apiUrl}`,
            `  visitor-tracker:edgeUrl: ${edgeUrl}`,
            "  visitor-tracker:zone: localhost",
            `  visitor-tracker:route: localhost/${path}`,
            "",
          ].join("\n");
        const dns = '  visitor-tracker:manageDns: "true"\n';
        return {
          "Pulumi.prod.yaml": stack("live/*"),
          "Pulumi.staging.yaml": stack("staging/*") + dns,
        };
      },
    });
    const made = new WorkflowAccount(account);
    for (const stack of ["staging", "prod"]) {
      await account.mustRun(`npm run pulumi -- stack init ${stack} --no-select`);
      await made.setSecret(stack, "accountId", account.cloud.accountId);
    }
    await account.repository.commit("accounts");
    return made;
  }

  private constructor(account: AccountCheckout) {
    this.account = account;
  }

  /** By standard input, as a prompt takes it: a command line would be shown. */
  async setSecret(stack: string, key: string, value: string): Promise<void> {
    const set = `npm run pulumi -- config set --secret ${key} --stack ${stack}`;
    await this.account.mustRun(`printf %s "$VALUE" | ${set}`, { VALUE: value });
  }

  /** Runs the one command of a workflow's job. @param env what its step names, and GitHub sets */
  async job(file: string, name: string, env: NodeJS.ProcessEnv = {}): Promise<Captured> {
    const [command = "", ...others] = await commandsOf(file, name);
    if (others.length > 0) throw new Error(`${file} ${name} has more than one command`);
    return await this.account.run(command, env);
  }
}
