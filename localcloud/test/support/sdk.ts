import Cloudflare7 from "cloudflare";
import Cloudflare6 from "cloudflare-6";
import type { TestCloud } from "./cloud.ts";

export const MODULE = "application/javascript+module";

/** A module of an upload. */
export function moduleFile(code: string, name = "worker.js"): File {
  return new File([code], name, { type: MODULE });
}

/** Metadata as a part of its own, which is what SDK 7 takes and sends right. */
export function jsonFile(value: object): File {
  return new File([JSON.stringify(value)], "metadata", { type: "application/json" });
}

/** What a deployment shares out: ids of versions and their percentages. */
type Shares = Record<string, number>;

/** What one session does with an SDK, whose versions differ in how they name and order parameters. */
export interface Sdk {
  upload(app: string, code: string, metadata: object): Promise<unknown>;
  uploadVersion(app: string, code: string, metadata: object): Promise<string>;
  /** Newest first. */
  versions(app: string): Promise<string[]>;
  deploy(app: string, shares: Shares, message: string): Promise<unknown>;
  enable(app: string): Promise<unknown>;
  bindings(app: string): Promise<string[]>;
  /** Class and id of each namespace of the script. */
  classes(app: string): Promise<string[]>;
  putSecret(app: string, name: string, text: string): Promise<unknown>;
  secrets(app: string): Promise<string[]>;
  deleteSecret(app: string, name: string): Promise<unknown>;
  startTail(app: string): Promise<{ id: string; url: string }>;
  endTail(app: string, id: string): Promise<unknown>;
  remove(app: string): Promise<unknown>;
}

async function listed<T, U>(entries: AsyncIterable<T>, pick: (entry: T) => U): Promise<U[]> {
  const list: U[] = [];
  for await (const entry of entries) list.push(pick(entry));
  return list;
}

interface Versions {
  versions: { version_id: string; percentage: number }[];
}

/** Body of a deployment. */
function deployment(
  shares: Shares,
  message: string,
): Versions & { strategy: "percentage"; annotations: { "workers/message": string } } {
  return {
    strategy: "percentage",
    versions: Object.entries(shares).map(([version_id, percentage]) => ({
      version_id,
      percentage,
    })),
    annotations: { "workers/message": message },
  };
}

interface UploadForm<T> {
  account_id: string;
  metadata: T;
  files: File[];
}

interface Named {
  script?: string;
  class?: string;
  id?: string;
}

function classNames(namespaces: readonly Named[], app: string): string[] {
  return namespaces
    .filter(({ script }) => script === app)
    .map((namespace) => `${namespace.class} ${namespace.id}`);
}

type Client = Cloudflare6 | Cloudflare7;

type Common = Omit<Sdk, "upload" | "uploadVersion" | "deleteSecret" | "endTail">;

function common(client: Client, account: { account_id: string }): Common {
  const { scripts } = client.workers;
  return {
    versions: (app) => listed(scripts.versions.list(app, account), ({ id }) => String(id)),
    deploy: (app, shares, message) =>
      scripts.deployments.create(app, { ...account, ...deployment(shares, message) }),
    enable: (app) => scripts.subdomain.create(app, { ...account, enabled: true }),
    bindings: async (app) => {
      const { bindings = [] } = await scripts.scriptAndVersionSettings.get(app, account);
      return bindings.map(({ name }) => name);
    },
    classes: async (app) => {
      const namespaces = client.durableObjects.namespaces.list(account);
      return classNames(await listed<Named, Named>(namespaces, (namespace) => namespace), app);
    },
    putSecret: (app, name, text) =>
      scripts.secrets.update(app, { ...account, name, text, type: "secret_text" }),
    secrets: (app) => listed(scripts.secrets.list(app, account), ({ name }) => name),
    startTail: (app) => scripts.tail.create(app, { ...account, body: {} }),
    remove: (app) => scripts.delete(app, account),
  };
}

export function sdk6(cloud: TestCloud): Sdk {
  const client = new Cloudflare6({ baseURL: cloud.apiUrl, apiToken: "x".repeat(40) });
  const { scripts } = client.workers;
  const account = { account_id: cloud.accountId };
  const form = (code: string, metadata: object): UploadForm<{ main_module: string }> => ({
    ...account,
    metadata: { main_module: "worker.js", ...metadata },
    files: [moduleFile(code)],
  });
  return {
    ...common(client, account),
    upload: (app, code, metadata) => scripts.update(app, form(code, metadata)),
    uploadVersion: async (app, code, metadata) =>
      String((await scripts.versions.create(app, form(code, metadata))).id),
    deleteSecret: (app, name) => scripts.secrets.delete(app, name, account),
    endTail: (app, id) => scripts.tail.delete(app, id, account),
  };
}

export function sdk7(cloud: TestCloud): Sdk {
  const client = new Cloudflare7({ baseURL: cloud.apiUrl, apiToken: "x".repeat(40) });
  const { scripts } = client.workers;
  const account = { account_id: cloud.accountId };
  const form = (code: string, metadata: object): UploadForm<File> => ({
    ...account,
    metadata: jsonFile({ main_module: "worker.js", ...metadata }),
    files: [moduleFile(code)],
  });
  return {
    ...common(client, account),
    upload: (app, code, metadata) =>
      // @ts-expect-error The types ask for an object, which becomes form fields that no server reads.
      scripts.update(app, form(code, metadata), { headers: { "Content-Type": null } }),
    uploadVersion: async (app, code, metadata) =>
      // @ts-expect-error As above.
      String((await scripts.versions.create(app, form(code, metadata))).id),
    deleteSecret: (app, name) => scripts.secrets.delete(name, { ...account, script_name: app }),
    endTail: (app, id) => scripts.tail.delete(id, { ...account, script_name: app }),
  };
}
