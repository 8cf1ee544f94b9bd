import { onTestFinished } from "vitest";

/** Reads server-sent events: the JSON of each `data` line, one at a time. */
export async function readEvents<T>(
  url: string,
  headers: Record<string, string> = {},
): Promise<AsyncGenerator<T, void>> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await fetch(url, { headers, signal: abort.signal });
  if (response.headers.get("content-type") !== "text/event-stream" || response.body === null)
    throw new Error(`No event stream: ${await response.text()}`);
  return events<T>(response.body);
}

async function* events<T>(body: ReadableStream<Uint8Array>): AsyncGenerator<T, void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
