import { vi } from "vitest";

/** Tries again until it throws nothing: for what a busy machine takes its time for, and what hangs fails. */
export function eventually<T>(attempt: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(attempt, { timeout: 20_000 });
}
