import * as pulumi from "@pulumi/pulumi";
import { onTestFinished } from "vitest";

export interface Recorded {
  readonly type: string;
  readonly name: string;
  /** As the engine gets them: secrets are objects with the secret's signature. */
  readonly inputs: { readonly [key: string]: unknown };
  readonly provider: string | undefined;
}

interface Call {
  readonly token: string;
  readonly inputs: unknown;
  readonly provider: string | undefined;
}

export interface Recording {
  readonly resources: readonly Recorded[];
  readonly calls: readonly Call[];
  /** Names of the stacks whose state was read. */
  readonly stacks: readonly string[];
  /** What the components registered as their outputs. */
  readonly registered: readonly object[];
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
  /** What {@link stateAfter} gave for the run before. @default {} */
  readonly state?: object;
  /** How often reading the state fails before it works. @default 0 */
  readonly unreadableTimes?: number;
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
  migrationTag: "v2",
};

const COMPONENT = "visitor-tracker:index:VisitorTracker";
const SCRIPT = "cloudflare:index/workersScript:WorkersScript";

/** Stands in for the engine and the provider, and records what a program asks them for. */
export async function startRecording(options: RecordingOptions = {}): Promise<Recording> {
  const resources: Recorded[] = [];
  const calls: Call[] = [];
  const stacks: string[] = [];
  const { stack = "prod", preview = false, scripts = [], state: before = {} } = options;
  const zones = options.zones ?? [{ id: ZONE_ID }];
  await pulumi.runtime.setMocks(
    {
      newResource({ type, name, inputs, provider }) {
        resources.push({ type, name, inputs, provider });
        const state = type === SCRIPT && !preview ? { ...inputs, ...UPLOADED } : inputs;
        return { id: `${name}-id`, state };
      },
      call({ token, inputs, provider }) {
        if (token === "pulumi:pulumi:readStackResourceOutputs") {
          const stackName: unknown = inputs["stackName"];
          stacks.push(String(stackName));
          if (stacks.length <= (options.unreadableTimes ?? 0)) {
            throw grpcError("failed to load checkpoint: EOF");
          }
          return { outputs: before };
        }
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
  return { resources, calls, stacks, registered: recordOutputs() };
}

/** The mocks of the SDK drop what components register; this keeps it. */
function recordOutputs(): readonly object[] {
  const registered: object[] = [];
  const prototype: object = pulumi.ComponentResource.prototype;
  const original: unknown = Reflect.get(prototype, "registerOutputs");
  if (typeof original !== "function") throw new Error("components have no registerOutputs");
  Reflect.set(prototype, "registerOutputs", function record(this: object, outputs: object) {
    registered.push(outputs);
    Reflect.apply(original, this, [outputs]);
  });
  onTestFinished(() => {
    Reflect.set(prototype, "registerOutputs", original);
  });
  return registered;
}

/** The stack's state after a run, as the engine gives it to the next. */
export async function stateAfter({ resources, registered }: Recording): Promise<object> {
  const state: { [urn: string]: object } = {};
  for (const { type, name, inputs } of resources) {
    if (type !== SCRIPT) continue;
    state[`urn:pulumi:prod::visitor-tracker::${COMPONENT}$${type}::${name}`] = {
      type,
      outputs: { ...inputs, ...UPLOADED },
    };
  }
  const component = await settled(pulumi.output(registered[0] ?? {}));
  const urn = `urn:pulumi:prod::visitor-tracker::${COMPONENT}::visitor-tracker`;
  return { ...state, [urn]: { type: COMPONENT, outputs: component } };
}

/**
 * Runs a program to its end as the SDK's runner does: whatever is rejected and not handled, in a
 * component for instance, ends it.
 * @throws what was rejected first
 */
export async function runToEnd<T>(program: () => T | Promise<T>): Promise<T> {
  const others = process.rawListeners("unhandledRejection");
  const rejected: unknown[] = [];
  const note = (reason: unknown): void => void rejected.push(reason);
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
  try {
    const result = await program();
    await pulumi.runtime.disconnect();
    // Rejections are told when the queue of promises is empty.
    await new Promise(setImmediate);
    if (rejected.length > 0) throw rejected[0];
    return result;
  } finally {
    process.off("unhandledRejection", note);
    for (const other of others) process.on("unhandledRejection", (...args) => other(...args));
  }
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
