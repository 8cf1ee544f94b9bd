import * as pulumi from "@pulumi/pulumi";

export interface Recorded {
  readonly type: string;
  readonly name: string;
  /** As the engine gets them: secrets are objects with the secret's signature. */
  readonly inputs: { readonly [key: string]: unknown };
  readonly provider: string | undefined;
}

export interface Call {
  readonly token: string;
  readonly inputs: unknown;
  readonly provider: string | undefined;
}

export interface Recording {
  readonly resources: readonly Recorded[];
  readonly calls: readonly Call[];
  /** Names of the stacks whose outputs were read. */
  readonly references: readonly string[];
}

export interface RecordingOptions {
  /** The stack that runs. @default "prod" */
  readonly stack?: string;
  /** Owner of the stack; file backends know none but the default. @default "organization" */
  readonly organization?: string;
  /** @default false */
  readonly preview?: boolean;
  /** Scripts that the account lists. @default [] */
  readonly scripts?: readonly object[];
  /** Zones that the account lists. @default one zone */
  readonly zones?: readonly object[];
  /** Outputs that the stack's last update left. @default {} */
  readonly lastOutputs?: object;
  /** What every function of the provider fails with. @default they answer */
  readonly failCalls?: string;
}

/** Marks a secret among recorded inputs, which hold the value beside it. */
export const SECRET: { readonly [key: string]: string } = {
  [pulumi.runtime.specialSigKey]: pulumi.runtime.specialSecretSig,
};

export const ZONE_ID = "ffffffffffffffffffffffffffffffff";

/** Computed outputs of an uploaded script. */
export const UPLOADED = {
  etag: "etag-1",
  modifiedOn: "2026-11-24T10:00:00.123456Z",
  migrationTag: "v1",
};

const SCRIPT = "cloudflare:index/workersScript:WorkersScript";

/** Stands in for the engine and the provider, and records what a program asks them for. */
export async function startRecording(options: RecordingOptions = {}): Promise<Recording> {
  const resources: Recorded[] = [];
  const calls: Call[] = [];
  const references: string[] = [];
  const { stack = "prod", preview = false, scripts = [], lastOutputs = {} } = options;
  const zones = options.zones ?? [{ id: ZONE_ID }];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, provider }) {
        if (type === "pulumi:pulumi:StackReference") {
          const reference: unknown = inputs["name"];
          references.push(String(reference));
          return { id: String(reference), state: { ...inputs, outputs: lastOutputs } };
        }
        resources.push({ type, name, inputs, provider });
        const state = type === SCRIPT && !preview ? { ...inputs, ...UPLOADED } : inputs;
        return { id: `${name}-id`, state };
      },
      call({ token, inputs, provider }) {
        calls.push({ token, inputs, provider });
        if (options.failCalls !== undefined) throw grpcError(options.failCalls);
        if (token.startsWith("cloudflare:index/getWorkersScripts:")) return { results: scripts };
        if (token.startsWith("cloudflare:index/getZones:")) return { results: zones };
        throw new Error(`unexpected call: ${token}`);
      },
    },
    "visitor-tracker",
    stack,
    preview,
    options.organization ?? "organization",
  );
  return { resources, calls, references };
}

/** An error as the SDK gets it from the engine. */
function grpcError(details: string): Error {
  return Object.assign(new Error(`2 UNKNOWN: ${details}`), { details });
}

/** The resources of the Cloudflare provider by type, `WorkersScript` for instance. */
export function ofType(recording: Recording, type: string): readonly Recorded[] {
  return recording.resources.filter((resource) => resource.type.endsWith(`:${type}`));
}

/** Types of the provider's resources, in the order of registration. */
export function typesOf({ resources }: Recording): readonly (string | undefined)[] {
  return resources
    .filter(({ type }) => type.startsWith("cloudflare:"))
    .map(({ type }) => type.split(":").at(-1));
}

/** Stands for an output that only an update tells. */
export const UNKNOWN = "[unknown]";

/** What `value` settles to; {@link UNKNOWN} when a preview cannot know it. */
export async function settled<T>(value: pulumi.Output<T>): Promise<T | typeof UNKNOWN> {
  // The SDK leaves this property of outputs out of its types; without a value, apply never calls back.
  const isKnown: unknown = Reflect.get(value, "isKnown");
  if ((await Promise.resolve(isKnown)) !== true) return UNKNOWN;
  return new Promise((resolve) => {
    value.apply(resolve);
  });
}
