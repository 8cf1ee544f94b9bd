/** Lets pass what it waits for; rejects with workerd's own words instead of Miniflare's around them. */
export async function readable(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const said = text.split("\n").flatMap(loggedMessage);
    if (said.length === 0) throw error;
    throw new Error(said.join("\n"), { cause: error });
  }
}

/** Miniflare quotes workerd's log: a JSON object a line, with the service's name before the message. */
function loggedMessage(line: string): string[] {
  if (!line.startsWith("{")) return [];
  try {
    const logged: unknown = JSON.parse(line);
    if (typeof logged !== "object" || logged === null || !("message" in logged)) return [];
    return [saidOf(String(logged.message))];
  } catch {
    return [];
  }
}

/** workerd's message with the script's name where it has Miniflare's for it. */
export function saidOf(message: string): string {
  return message.replace(/^service core:user:(\S+): /, "$1: ");
}
