/** A JSON object whose fields are still to be looked at. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a thrown value says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Deeper than what any client sends, and no deeper than functions that call themselves can follow. */
const MAX_JSON_DEPTH = 500;

/**
 * The value of a JSON text.
 * @throws {SyntaxError} when it is none, or nested too deeply
 */
export function parseJsonText(text: string): unknown {
  const value: unknown = JSON.parse(text);
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) {
      throw new SyntaxError(`more than ${MAX_JSON_DEPTH} levels of nesting in JSON`);
    }
    level = level.flatMap((entry) =>
      typeof entry === "object" && entry !== null ? Object.values(entry) : [],
    );
  }
  return value;
}
