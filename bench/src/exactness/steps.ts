/** Ways for a visitor to be cut off without a word. */
export const KILLS = ["rst", "fin", "terminate"] as const;

/**
 * Ways to fall silent with the socket open: `polite` reads and answers a close, `mute` reads and
 * answers nothing, `deaf` does not even read.
 */
export const SILENCES = ["polite", "mute", "deaf"] as const;

/**
 * Things to send that no client should: text that is no JSON, JSON of another kind, a binary
 * message, one longer than is allowed, one longer than the platform takes, and bytes that are no
 * frame.
 */
export const GARBAGE = ["text", "json", "binary", "long", "huge", "noise"] as const;

/** `ping` clients say `v=2` and ping; `contract` clients beat as the contract says. */
const CLIENTS = ["ping", "contract"] as const;

export type Kill = (typeof KILLS)[number];
export type Silence = (typeof SILENCES)[number];
export type Garbage = (typeof GARBAGE)[number];
export type Client = (typeof CLIENTS)[number];

/** One thing that happens to a page. Tabs and visitors have numbers; a tab is used once. */
export type Step = { readonly afterMs?: number } & (
  | {
      readonly do: "join";
      readonly tab: number;
      readonly visitor: number;
      readonly client: Client;
      readonly observe?: true;
      /** It answers no close, and goes on pinging over what was closed. */
      readonly rude?: true;
    }
  /** A join whose client resets the connection before the handshake is over. */
  | { readonly do: "abort"; readonly tab: number; readonly visitor: number }
  | { readonly do: "leave" | "pause" | "resume" | "beat" | "beatAndLeave"; readonly tab: number }
  | { readonly do: "kill"; readonly tab: number; readonly how: Kill }
  | { readonly do: "silence"; readonly tab: number; readonly how: Silence }
  | { readonly do: "garbage"; readonly tab: number; readonly what: Garbage }
  | { readonly do: "flood"; readonly tab: number }
  | { readonly do: "sleep"; readonly shard?: number }
  | { readonly do: "restart"; readonly shard?: number }
  | { readonly do: "redeploy" }
  | { readonly do: "clock"; readonly byMs: number }
  | { readonly do: "check" }
);

/** Writes steps as JSON, one a line, as `--replay` reads them. */
export function formatSteps(steps: readonly Step[]): string {
  return `[\n${steps.map((step) => `  ${JSON.stringify(step)}`).join(",\n")}\n]`;
}

/** Reads steps from JSON. @throws Error that says which step is wrong, and how */
export function parseSteps(text: string): Step[] {
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error("a replay is a JSON list of steps");
  return value.map((item, index) => {
    const step = parseStep(item);
    if (step === null) throw new Error(`step ${index} is none: ${JSON.stringify(item)}`);
    return step;
  });
}

type Fields = { readonly [name: string]: unknown };

function parseStep(value: unknown): Step | null {
  if (typeof value !== "object" || value === null) return null;
  const fields: Fields = { ...value };
  const { afterMs } = fields;
  if (afterMs !== undefined && !isNumber(afterMs)) return null;
  const step = parseTabStep(fields) ?? parsePageStep(fields);
  return step === null || afterMs === undefined ? step : { ...step, afterMs };
}

function parseTabStep(fields: Fields): Step | null {
  const { do: name, tab, visitor } = fields;
  if (!isNumber(tab)) return null;
  const client = oneOf(CLIENTS, fields["client"]);
  const how = fields["how"];
  switch (name) {
    case "join": {
      if (client === null || !isNumber(visitor)) return null;
      const observe = fields["observe"] === true ? ({ observe: true } as const) : {};
      const rude = fields["rude"] === true ? ({ rude: true } as const) : {};
      return { do: name, tab, visitor, client, ...observe, ...rude };
    }
    case "abort":
      return isNumber(visitor) ? { do: name, tab, visitor } : null;
    case "leave":
    case "pause":
    case "resume":
    case "beat":
    case "beatAndLeave":
    case "flood":
      return { do: name, tab };
    case "kill": {
      const kill = oneOf(KILLS, how);
      return kill === null ? null : { do: name, tab, how: kill };
    }
    case "silence": {
      const silence = oneOf(SILENCES, how);
      return silence === null ? null : { do: name, tab, how: silence };
    }
    case "garbage": {
      const what = oneOf(GARBAGE, fields["what"]);
      return what === null ? null : { do: name, tab, what };
    }
    default:
      return null;
  }
}

function parsePageStep({ do: name, shard, byMs }: Fields): Step | null {
  switch (name) {
    case "sleep":
    case "restart":
      return isNumber(shard) ? { do: name, shard } : { do: name };
    case "clock":
      return isNumber(byMs) ? { do: name, byMs } : null;
    case "redeploy":
    case "check":
      return { do: name };
    default:
      return null;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T | null {
  return values.find((known) => known === value) ?? null;
}
