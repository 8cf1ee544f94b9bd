import type { BenchResults } from "../results.ts";

export function modelSection(_results: BenchResults): string {
  return "";
}
