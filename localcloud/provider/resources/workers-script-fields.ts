import type { Field, Fields } from "../schema.ts";

const text: Field = { type: "string" };
const integer: Field = { type: "integer" };
const texts: Field = { type: { list: text } };
const renames: Field = { type: { list: { type: { object: { from: text, to: text } } } } };
const transfers: Field = {
  type: { list: { type: { object: { from: text, fromScript: text, to: text } } } },
};

const binding: Fields = {
  name: { type: "string", required: true },
  type: { type: "string", required: true },
  algorithm: text,
  allowedDestinationAddresses: texts,
  allowedSenderAddresses: texts,
  appId: text,
  bucketName: text,
  certificateId: text,
  className: text,
  databaseId: text,
  dataset: text,
  destinationAddress: text,
  dispatchNamespace: text,
  entrypoint: text,
  environment: { type: "string", filled: true },
  format: text,
  id: text,
  indexName: text,
  instanceName: text,
  json: { type: "string", json: true },
  jurisdiction: text,
  keyBase64: { type: "string", secret: true },
  keyJwk: { type: "string", secret: true },
  namespace: text,
  namespaceId: { type: "string", filled: true },
  networkId: text,
  oldName: { type: "string", filled: true },
  outbound: {
    type: {
      object: {
        params: texts,
        worker: { type: { object: { environment: text, service: text } } },
      },
    },
  },
  part: { type: "string", filled: true },
  pipeline: text,
  queueName: text,
  scriptName: { type: "string", filled: true },
  secretName: text,
  service: text,
  serviceId: text,
  simple: {
    type: {
      object: {
        limit: { type: "number", required: true },
        mitigationTimeout: { type: "number", filled: true },
        period: { type: "number", required: true },
      },
    },
  },
  storeId: text,
  stream: text,
  text: { type: "string", secret: true },
  tunnelId: text,
  usages: texts,
  versionId: { type: "string", filled: true },
  workflowName: text,
};

const step: Fields = {
  deletedClasses: texts,
  newClasses: texts,
  newSqliteClasses: texts,
  renamedClasses: renames,
  transferredClasses: transfers,
};

/** Without defaults where the real provider has none: Cloudflare fills them in, which it takes for a change. */
const observability: Fields = {
  enabled: { type: "boolean", required: true },
  headSamplingRate: { type: "number" },
  issues: { type: { object: { enabled: { type: "boolean", default: false } } } },
  logs: {
    type: {
      object: {
        enabled: { type: "boolean", required: true },
        invocationLogs: { type: "boolean", required: true },
        destinations: texts,
        headSamplingRate: { type: "number" },
        persist: { type: "boolean", default: true },
      },
    },
  },
  traces: {
    type: {
      object: {
        destinations: texts,
        enabled: { type: "boolean", default: false },
        headSamplingRate: { type: "number", default: 1 },
        persist: { type: "boolean", default: true },
        propagationPolicy: { type: "string", filled: true },
      },
    },
  },
};

const placement: Fields = {
  mode: text,
  region: text,
  host: text,
  hostname: text,
  targets: { type: { list: { type: { object: { region: text, host: text, hostname: text } } } } },
};

const tailConsumer: Fields = {
  service: { type: "string", required: true },
  environment: { type: "string", filled: true },
  namespace: text,
};

/** Inputs that travel in the upload's metadata part. */
export const METADATA_FIELDS: Fields = {
  annotations: { type: { object: { workersMessage: text, workersTag: text } }, writeOnly: true },
  bindings: { type: { list: { type: { object: binding } }, key: "name" } },
  bodyPart: { type: "string", writeOnly: true },
  compatibilityDate: { type: "string", default: "" },
  compatibilityFlags: { type: { list: text, unordered: true } },
  keepBindings: { type: { list: text, unordered: true }, writeOnly: true },
  limits: { type: { object: { cpuMs: integer, subrequests: integer } } },
  logpush: { type: "boolean", default: false },
  mainModule: { type: "string", writeOnly: true },
  migrations: {
    type: {
      object: {
        ...step,
        newTag: text,
        oldTag: text,
        steps: { type: { list: { type: { object: step } } } },
      },
    },
    writeOnly: true,
  },
  observability: { type: { object: observability } },
  placement: { type: { object: placement } },
  tailConsumers: { type: { list: { type: { object: tailConsumer } } } },
  usageModel: { type: "string", default: "standard" },
};

/** All inputs of a script. */
export const SCRIPT_FIELDS: Fields = {
  accountId: { type: "string", required: true, replace: true, inPath: true },
  scriptName: { type: "string", required: true, replace: true, inPath: true },
  content: { type: "string", writeOnly: true },
  contentFile: { type: "string", writeOnly: true },
  contentSha256: { type: "string", writeOnly: true },
  contentType: { type: "string", writeOnly: true },
  force: { type: "boolean", writeOnly: true },
  ...METADATA_FIELDS,
};
