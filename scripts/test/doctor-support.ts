import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { openApi } from "../../infra/src/cloudflare-api.ts";
import { parseConfig } from "../../infra/src/config.ts";
import type { Site } from "../lib/doctor/account.ts";
import { examine, type Examination } from "../lib/doctor/examine.ts";
import type { Finding } from "../lib/doctor/finding.ts";
import { openProject, type Project } from "../lib/project.ts";
import { recordingReporter, serve, shell, temporaryFolder, writeFiles } from "./support.ts";

export const ACCOUNT = "0123456789abcdef0123456789abcdef";
export const ZONE_ID = "fedcba9876543210fedcba9876543210";
export const TOKEN = "test-token-0123456789abcdef0123456789abcdef";
export const LINK = "https://dash.example/tokens";

/** Answers by `path?query`, or by path alone; a status other than 200 with `{code, message}`. */
export type Answers = Readonly<Record<string, Json | Failure>>;

type Json = readonly unknown[] | { readonly [key: string]: unknown } | null;

export class Failure {
  readonly status: number;
  readonly code: number;
  readonly message: string;

  constructor(status: number, code: number, message: string) {
    this.status = status;
    this.code = code;
    this.message = message;
  }
}

/** What Cloudflare says to a token that may not do something. */
export const FORBIDDEN: Failure = new Failure(403, 10_000, "Authentication error");

export interface FakeApi {
  baseUrl: string;
  /** `GET /path?query` of each request. */
  requests: string[];
  /** Authorization headers, each once. */
  authorizations: Set<string>;
}

/** Cloudflare's envelopes with these answers; everything else is 404, 7003, as there. */
export async function fakeApi(answers: Answers): Promise<FakeApi> {
  const requests: string[] = [];
  const authorizations = new Set<string>();
  const baseUrl = await serve((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    authorizations.add(request.headers.authorization ?? "");
    const answer = answerTo(request, answers);
    const isFailure = answer instanceof Failure;
    response.writeHead(isFailure ? answer.status : 200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        success: !isFailure,
        errors: isFailure ? [{ code: answer.code, message: answer.message }] : [],
        messages: [],
        result: isFailure ? null : answer,
      }),
    );
  });
  return { baseUrl, requests, authorizations };
}

function answerTo({ url = "" }: IncomingMessage, answers: Answers): Json | Failure {
  const [path = ""] = url.split("?");
  for (const key of [url, path]) {
    if (Object.hasOwn(answers, key)) return answers[key] ?? null;
  }
  const message = `Could not route to /client/v4${path}, perhaps your object identifier is invalid?`;
  return new Failure(404, 7_003, message);
}

export interface SiteOptions {
  /** Besides an account, origins and workersDev. */
  readonly values?: Readonly<Record<string, string>>;
  /** @default false */
  readonly isDeployed?: boolean;
}

/** A stack on an account that answers like this. */
export async function fakeSite(answers: Answers, options: SiteOptions = {}): Promise<Site> {
  const { baseUrl } = await fakeApi(answers);
  const { config, problems } = parseConfig({
    stack: "prod",
    values: {
      accountId: ACCOUNT,
      allowedOrigins: '["https://example.com"]',
      workersDev: "true",
      ...options.values,
    },
    secretKeys: new Set(),
  });
  if (config === undefined) throw new Error(JSON.stringify(problems));
  const api = openApi({ baseUrl, token: TOKEN });
  const stack = { project: "visitor-tracker", stack: "prod" };
  return { api, config, stack, link: LINK, isDeployed: options.isDeployed ?? false };
}

export const SCRIPTS: string = `/accounts/${ACCOUNT}/workers/scripts`;
export const SETTINGS: string = `${SCRIPTS}/visitor-tracker/settings`;
export const NAMESPACES: string = `/accounts/${ACCOUNT}/workers/durable_objects/namespaces`;
export const DOMAINS: string = `/accounts/${ACCOUNT}/workers/domains`;
export const SUBDOMAIN: string = `/accounts/${ACCOUNT}/workers/subdomain`;
export const ROUTES: string = `/zones/${ZONE_ID}/workers/routes`;
export const RECORDS: string = `/zones/${ZONE_ID}/dns_records`;
export const ZONE: { readonly [key: string]: unknown } = {
  id: ZONE_ID,
  name: "example.com",
  status: "active",
  paused: false,
  type: "full",
  account: { id: ACCOUNT, name: "Example" },
};

/** All that a stack on workers.dev and a route is asked for, in order. */
export const HEALTHY: Answers = {
  "/user/tokens/verify": { id: "t", status: "active" },
  [`/accounts/${ACCOUNT}`]: { id: ACCOUNT, name: "Example" },
  [SCRIPTS]: [],
  [SUBDOMAIN]: { subdomain: "alice" },
  "/zones": [ZONE],
  [ROUTES]: [],
  [RECORDS]: [{ name: "example.com", type: "A", content: "192.0.2.1", proxied: true }],
  [`/accounts/${ACCOUNT}/subscriptions`]: [],
};

export const CONFIG: readonly string[] = [
  `  visitor-tracker:accountId: "${ACCOUNT}"`,
  "  visitor-tracker:allowedOrigins: [https://example.com]",
  "  visitor-tracker:workersDev: true",
  "  visitor-tracker:route: example.com/live/*",
  "  visitor-tracker:zone: example.com",
];

export interface Patient {
  project: Project;
  env: NodeJS.ProcessEnv;
}

/** A project with a stack `prod`, and a `pulumi` that answers `stack output` and `config get`. */
export async function patient(
  options: { config?: readonly string[]; pulumi?: string[] } = {},
): Promise<Patient> {
  const root = temporaryFolder();
  await writeFiles(root, {
    "Pulumi.yaml": "name: visitor-tracker\n",
    "Pulumi.prod.yaml": ["config:", ...(options.config ?? CONFIG), ""].join("\n"),
    "path/pulumi": shell(
      '[ "$1" = version ] && echo v3.259.0 && exit',
      ...(options.pulumi ?? ['echo "{}"']),
    ),
    "path/pulumi-language-nodejs": shell(),
  });
  const path = `${join(root, "path")}:/usr/bin:/bin`;
  return {
    project: openProject({ root, stateDir: ".local" }),
    env: { PATH: path, HOME: root, PULUMI_HOME: join(root, "home"), CLOUDFLARE_API_TOKEN: TOKEN },
  };
}

export async function see({ project, env }: Patient, answers: Answers): Promise<Examination> {
  const { baseUrl } = await fakeApi(answers);
  const reporter = recordingReporter();
  return examine("prod", { project, reporter, env: { ...env, CLOUDFLARE_BASE_URL: baseUrl } });
}

export function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ check, level }) => `${check}: ${level}`);
}
