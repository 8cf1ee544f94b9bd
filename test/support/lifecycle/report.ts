/** Prints a measurement, which the machine decides, beside the verdict, which it must not. */
export function report(what: string, ms: number): void {
  console.log(
    `measured: ${what}: ${ms < 10_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`}`,
  );
}
