/** Something that was wrong. */
export interface Fault {
  readonly kind: FaultKind;
  readonly message: string;
}

export type FaultKind =
  /** At a quiet point somebody was not shown the truth. */
  | "wrong count"
  /** At a quiet point the page itself did not know the truth. */
  | "wrong own count"
  /** A count was right, and changed though nothing happened. */
  | "did not stay"
  /** At some moment somebody was told more visitors than there can have been. */
  | "told too many"
  /** At some moment somebody was told fewer visitors than had been there for long. */
  | "told too few"
  /** A connection was refused for no reason. */
  | "refused for no reason"
  /** A connection was closed for no reason. */
  | "closed for no reason"
  /** At a quiet point something was still to be done. */
  | "not done";
