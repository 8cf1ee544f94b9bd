import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";
import {
  type JournalEntry,
  LOCAL_TOKEN,
  type LocalCloud,
  type LocalCloudOptions,
  startLocalCloud,
} from "../../src/index.ts";
import { checkCoverage, learn } from "../contract/coverage.ts";
import { makeFolder } from "./folder.ts";
import { FORM_TYPE, providerForm } from "./form.ts";
import { type EdgeAnswer, visit } from "./visit.ts";

/** An answer of the API. */
export interface ApiAnswer<T = Result> {
  status: number;
  headers: Headers;
  success: boolean;
  /** `code message`, one a failure. */
  errors: {
    code: number;
    message: string;
    meta?: { details: { class: string; scenario: string }[] };
  }[];
  result: T;
  resultInfo: unknown;
}

/** The fields of results that tests look at one by one. */
export interface Result {
  id: string;
  name: string;
  script: string;
  service: string;
  zone_name: string;
  cert_id: string;
  content: string;
  created_on: string;
  modified_on: string;
  etag: string;
  deployment_id: string;
  startup_time_ms: number;
  migration_tag?: string;
  observability?: unknown;
  annotations: Record<string, string>;
  bindings: { name: string }[];
  number: number;
  items: Result[];
  exports_reconciliation?: object;
  references: object;
  deployments: Result[];
  versions: { version_id: string; percentage: number }[];
  resources: { bindings: { name: string }[] };
  named_handlers: { name: string }[];
  default_environment: { script: unknown };
}

export interface TestCloud extends LocalCloud {
  dir: string;
  /** Path below the API's root, such as `/zones`; `:account` is filled in. */
  api<T = Result>(method: string, path: string, body?: unknown): Promise<ApiAnswer<T>>;
  /** Uploads as the provider does. */
  upload(script: string, code: string, metadata?: object): Promise<ApiAnswer>;
  /** Uploads a version that does not serve. */
  uploadVersion(script: string, code: string, metadata?: object): Promise<ApiAnswer>;
  /** Body of the edge's answer to `GET http://<host><path>`. */
  visit(host: string, path?: string, headers?: Record<string, string>): Promise<EdgeAnswer>;
}

checkCoverage();

/** A local cloud on free ports. */
async function launch(dir: string, options: Partial<LocalCloudOptions>): Promise<TestCloud> {
  const onRequest = (entry: JournalEntry): void => {
    learn(entry);
    options.onRequest?.(entry);
  };
  const defaults = {
    zones: ["localhost", "visitors.localhost"],
    port: 0,
    edgePort: 0,
    onWarning: () => undefined,
  };
  const all = { ...defaults, ...options, dir, onRequest };
  const cloud = await startLocalCloud(all);
  return { ...cloud, dir, ...clientOf(cloud) };
}

/** A local cloud for one test. */
export async function startTestCloud(options: Partial<LocalCloudOptions> = {}): Promise<TestCloud> {
  const cloud = await launch(options.dir ?? (await makeFolder()), options);
  onTestFinished(() => cloud.close());
  return cloud;
}

/** A local cloud for all tests of a file, which keep apart by their scripts' names. */
export async function startSharedCloud(): Promise<TestCloud> {
  const dir = await mkdtemp(join(tmpdir(), "localcloud-"));
  const cloud = await launch(dir, {});
  afterAll(async () => {
    await cloud.close();
    await rm(dir, { recursive: true, force: true });
  });
  return cloud;
}

/** A script name that no other test uses. */
export function uniqueName(): string {
  return `app-${randomUUID().slice(0, 8)}`;
}

/** A host name that no other test uses. */
export function uniqueHost(): string {
  return `${uniqueName()}.localhost`;
}

/** A client for a local cloud, in this process or another one. */
export function clientOf(
  cloud: Pick<LocalCloud, "apiUrl" | "edgeUrl" | "accountId">,
  token: string = LOCAL_TOKEN,
): Pick<TestCloud, "api" | "upload" | "uploadVersion" | "visit"> {
  async function send<T>(
    method: string,
    path: string,
    init: { type: string; body: Uint8Array<ArrayBuffer> | string } | null,
  ): Promise<ApiAnswer<T>> {
    const target = path.replace(":account", cloud.accountId);
    const response = await fetch(`${cloud.apiUrl}${target}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "user-agent": "terraform-provider-cloudflare/pulumi go/1.25",
        ...(init === null ? {} : { "content-type": init.type }),
      },
      ...(init === null ? {} : { body: init.body }),
    });
    return readAnswer<T>(response);
  }
  return {
    api: <T>(method: string, path: string, body?: unknown) =>
      send<T>(
        method,
        path,
        body === undefined ? null : { type: "application/json", body: JSON.stringify(body) },
      ),
    upload: (script, code, metadata = {}) =>
      send("PUT", `/accounts/:account/workers/scripts/${script}`, formOf(code, metadata)),
    uploadVersion: (script, code, metadata = {}) =>
      send("POST", `/accounts/:account/workers/scripts/${script}/versions`, formOf(code, metadata)),
    visit: (host, path = "/", headers = {}) =>
      visit(Number(new URL(cloud.edgeUrl).port), path, {
        headers: { ...headers, host },
        agent: false,
      }),
  };
}

function formOf(code: string, metadata: object): { type: string; body: Uint8Array<ArrayBuffer> } {
  return { type: FORM_TYPE, body: new Uint8Array(providerForm(code, metadata)) };
}

interface Envelope<T> {
  success: boolean;
  errors: ApiAnswer["errors"];
  result: T;
  result_info?: unknown;
}

async function readAnswer<T>(response: Response): Promise<ApiAnswer<T>> {
  const envelope: Envelope<T> = JSON.parse(await response.text());
  const { success, errors, result, result_info: resultInfo = null } = envelope;
  return {
    status: response.status,
    headers: response.headers,
    success,
    errors,
    result,
    resultInfo,
  };
}
