import type { ErrorKind } from "./errors/kind.ts";

/** Every failure that the API answers with, by name. */
export * as ERRORS from "./errors/table.ts";

/** A failure that the API answers with: a row of {@link ERRORS}, its `{names}` filled in. */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
  readonly status: number;
  readonly code: number;
  readonly documentationUrl: string | undefined;
  /** What the answer says for programs. */
  readonly meta: Record<string, unknown> | undefined;

  constructor(
    kind: ErrorKind,
    values: Record<string, string | number> = {},
    meta?: Record<string, unknown>,
  ) {
    super(
      kind.text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
    );
    this.status = kind.status;
    this.code = kind.code;
    this.documentationUrl = kind.documentationUrl;
    this.meta = meta;
  }
}

/** Throws the error; for places where an expression is wanted. */
export function fail(
  kind: ErrorKind,
  values?: Record<string, string | number>,
  meta?: Record<string, unknown>,
): never {
  throw new ApiError(kind, values, meta);
}
