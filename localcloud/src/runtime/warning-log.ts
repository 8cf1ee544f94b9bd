import { stripVTControlCharacters } from "node:util";
import { Log, LogLevel } from "miniflare";

/** Gives Miniflare's warnings and errors to `write`, without colours. */
export class WarningLog extends Log {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    super(LogLevel.WARN);
    this.#write = write;
  }

  protected override log(message: string): void {
    this.#write(stripVTControlCharacters(message));
  }
}
