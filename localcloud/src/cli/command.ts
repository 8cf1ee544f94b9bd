export type Print = (text: string) => void;

/** One command of the command line. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** What `--help` prints. */
  usage: string;
  /** Tells what there is to tell with `print`, a line or more at a time. */
  run(args: readonly string[], print: Print): Promise<void>;
}

/** Of the API, where nothing else is said. */
export const DEFAULT_PORT = 8789;

export const DEFAULT_EDGE_PORT = 8788;
