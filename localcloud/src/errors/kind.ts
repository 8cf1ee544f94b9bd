/** How sure we are that Cloudflare says the same. */
export type Verified =
  /** Code and text as people report them from the real API. */
  | "text"
  /** The code is Cloudflare's, the words are ours. */
  | "code"
  /** Chosen by us. */
  | "no";

/** A failure that the API answers with. */
export interface ErrorKind {
  status: number;
  code: number;
  /** `{name}` stands for a value. */
  text: string;
  /** Where the code and the text come from. */
  source: string;
  verified: Verified;
  /** Where Cloudflare's answer sends the reader. */
  documentationUrl?: string;
}

/** One row of the table of errors. */
export function kind(
  status: number,
  code: number,
  text: string,
  source: string,
  verified: Verified,
): ErrorKind {
  return { status, code, text, source, verified };
}
