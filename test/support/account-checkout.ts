import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isRecord } from "../../infra/src/is-record.ts";
import { startProvider } from "../../localcloud/provider/index.ts";
import { startLocalCloud, type LocalCloud } from "../../localcloud/src/index.ts";
import { resolveEngine } from "../../scripts/engine/resolve.ts";
import { capture, type Captured } from "../../scripts/lib/child.ts";
import { withEngine } from "../../scripts/lib/environment.ts";
import { PreviewCheckout } from "./preview-checkout.ts";

const IGNORED = "node_modules\n.build\n.cloud\n.backend\n.local*\n";

/** Zones of the account besides the local cloud's own. */
const ZONES: string[] = ["localhost", "example.com"];

/**
 * Sends the names of a deployment's addresses to this machine in every Node process that has it: the
 * system's resolver mostly knows `localhost`, and nothing below it.
 */
const RESOLVE_HERE = `
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
const { lookup } = dns;
const isHere = (host) => /(^|\\.)(localhost|example\\.com)$/.test(host);
dns.lookup = (host, ...rest) => lookup(isHere(host) ? "127.0.0.1" : host, ...rest);
syncBuiltinESMExports();
`;

export interface AccountOptions {
  /** Files of the one commit, by their paths; made for the local cloud they are deployed to. */
  readonly files: (cloud: LocalCloud) => Readonly<Record<string, string>>;
  /** What every command has besides. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * A checkout whose stacks are deployed to an account, as anybody's are: by the commands, with a file
 * backend. The account is a local cloud's.
 */
export class AccountCheckout {
  readonly repository: PreviewCheckout;
  readonly cloud: LocalCloud;
  readonly backend: string;
  /** Everything that commands have printed. */
  readonly printed: string[] = [];
  readonly #env: NodeJS.ProcessEnv;
  readonly #close: () => Promise<void>;

  static async start(options: AccountOptions): Promise<AccountCheckout> {
    const repository = await PreviewCheckout.make({});
    const { root } = repository.checkout;
    const cloud = await startLocalCloud({
      dir: join(root, ".cloud"),
      port: 0,
      edgePort: 0,
      zones: ZONES,
      onWarning: () => {}, // It has no subscriptions, and the doctor asks for them.
    });
    const provider = await startProvider({
      programDir: join(root, "infra"),
      env: { CLOUDFLARE_BASE_URL: cloud.apiUrl },
    });
    const backend = join(root, ".backend");
    await mkdir(backend);
    for (const [path, text] of Object.entries(options.files(cloud))) {
      await repository.checkout.write(path, text);
    }
    await repository.checkout.write(".gitignore", IGNORED);
    await repository.commit("stacks");
    const engine = await resolveEngine();
    const env = {
      ...withEngine(engine, withoutAccounts(process.env)),
      NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --import=data:text/javascript,${encodeURIComponent(RESOLVE_HERE)}`,
      PULUMI_BACKEND_URL: pathToFileURL(backend).href,
      PULUMI_DEBUG_PROVIDERS: `cloudflare:${provider.port}`,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      ...options.env,
    };
    return new AccountCheckout({ repository, cloud, backend, env }, async () => {
      await provider.close();
      await cloud.close();
      await repository.remove();
    });
  }

  private constructor(
    parts: Pick<AccountCheckout, "repository" | "cloud" | "backend"> & { env: NodeJS.ProcessEnv },
    close: () => Promise<void>,
  ) {
    this.repository = parts.repository;
    this.cloud = parts.cloud;
    this.backend = parts.backend;
    this.#env = parts.env;
    this.#close = close;
  }

  get root(): string {
    return this.repository.checkout.root;
  }

  /** Runs a line as a shell does, in the checkout. */
  async run(line: string, env: NodeJS.ProcessEnv = {}): Promise<Captured> {
    const ran = await capture("sh", ["-ec", line], {
      cwd: this.root,
      env: { ...this.#env, ...env },
    });
    this.printed.push(ran.stdout, ran.stderr);
    return ran;
  }

  /** @throws Error with all that it printed, unless it succeeds. @returns standard output */
  async mustRun(line: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(line, env);
    if (code !== 0) throw new Error(`${line} exited with ${code}:\n${stdout}${stderr}`);
    return stdout;
  }

  /** `result` of a request to the API. @param path with `:account` in the place of its ID */
  async api(method: string, path: string, body?: object): Promise<unknown> {
    const { apiUrl, accountId } = this.cloud;
    const response = await fetch(apiUrl + path.replace(":account", accountId), {
      method,
      headers: { authorization: "Bearer test", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return Reflect.get(Object(answer), "result");
  }

  /** The account's scripts by their names, each with the tag of its content. */
  async scripts(): Promise<Record<string, string>> {
    const scripts: unknown = await this.api("GET", "/accounts/:account/workers/scripts");
    return Object.fromEntries(
      records(scripts).map(({ id, etag }) => [String(id), String(etag)] as const),
    );
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

/** The objects of a list. */
export function records(value: unknown): { readonly [key: string]: unknown }[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

const ACCOUNTS = /^(CLOUDFLARE_|PULUMI_|AWS_|GITHUB_|npm_)/;

/** Nobody's account, repository or state. */
function withoutAccounts(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ACCOUNTS.test(name)));
}
