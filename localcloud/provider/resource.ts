import type { ApiClient } from "./api/client.ts";
import type { Fields } from "./schema.ts";
import type { Properties } from "./values.ts";

/** What an operation may use. */
export interface OperationContext {
  readonly api: ApiClient;
  /** Folder that relative paths in inputs start from. */
  readonly programDir: string;
  /** Aborted when the engine cancels. */
  readonly signal: AbortSignal;
}

/** A resource as it is at the API. */
export interface Observed {
  readonly id: string;
  /** What a program would state to get this, marks of secrecy kept. */
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** What is known when an update or a refresh starts. */
export interface State {
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/**
 * One resource type. Inputs arrive checked against `fields`, complete, with marks of secrecy;
 * errors are thrown as ApiError or ProviderError.
 */
export interface Resource {
  /** Type token, as in a URN. */
  readonly token: string;
  readonly fields: Fields;
  /** Inputs of the real resource that this stand-in does not know. */
  readonly uncovered: readonly string[];
  /**
   * Outputs that only the API knows, each with the inputs whose change can change it:
   * "any" for every update, [] for never.
   */
  readonly computed: Readonly<Record<string, "any" | readonly string[]>>;
  /** Parts of an import id, joined by a slash: inputs in the path, and "id" for the API's own id. */
  readonly importId: readonly string[];
  /** Rules that a table of fields cannot say; each answer is one complaint. */
  check?(inputs: Properties, programDir: string): Promise<string[]>;
  create(context: OperationContext, inputs: Properties): Promise<Omit<Observed, "inputs">>;
  /** Null when it is gone. On import, the state holds the parts of the import id and no more. */
  read(context: OperationContext, id: string, state: State): Promise<Observed | null>;
  /** Absent where every change makes a new resource. */
  update?(
    context: OperationContext,
    id: string,
    state: State,
    inputs: Properties,
  ): Promise<Properties>;
  delete(context: OperationContext, id: string, outputs: Properties): Promise<void>;
}
