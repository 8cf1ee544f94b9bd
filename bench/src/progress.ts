import { formatMs } from "./report/format.ts";

/** Says on screen what is being measured, and what came of it. */
export class Progress {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  line(text: string): void {
    this.#write(`${text}\n`);
  }

  async step<Result>(
    name: string,
    act: () => Promise<Result>,
    describe: (result: Result) => string,
  ): Promise<Result> {
    this.#write(`  ${name} … `);
    const startMs = performance.now();
    try {
      const result = await act();
      const took = formatMs(performance.now() - startMs);
      this.#write(`${describe(result)}  [${took}]\n`);
      return result;
    } catch (error) {
      this.#write("failed\n");
      throw error;
    }
  }
}
