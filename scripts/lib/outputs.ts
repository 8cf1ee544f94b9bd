/** The outputs of the program that its users need. */
export interface DeployedStack {
  /** Base URL, without a final slash. */
  url: string;
  /** Where clients open their WebSockets. */
  wsUrl: string;
  /** Every output. */
  all: Readonly<Record<string, unknown>>;
}

/** @throws Error that names the output which is missing */
export function parseOutputs(all: Readonly<Record<string, unknown>>): DeployedStack {
  return { url: readUrl(all, "url"), wsUrl: readUrl(all, "wsUrl"), all };
}

function readUrl(all: Readonly<Record<string, unknown>>, name: string): string {
  const value = all[name];
  if (typeof value === "string" && URL.canParse(value)) return value;
  throw new Error(
    `The stack's output ${name} is ${JSON.stringify(value) ?? "missing"}, not a URL; give the stack ` +
      "one address of its own: a route on one host, a custom domain or workersDev.",
  );
}
