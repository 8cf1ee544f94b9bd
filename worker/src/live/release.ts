/** A script tag's script that sites may embed by its hash. */
export interface LiveRelease {
  /** Of the client package. */
  readonly version: string;
  /** Names it in `/live-<hash>.js`: the first sixteen hexadecimal digits of its SHA-256. */
  readonly hash: string;
  readonly js: string;
}
