import type { ServerResponse } from "node:http";
import type { EdgeTable } from "../runtime/types.ts";
import type { RequestHead } from "./head.ts";

/** What the edge itself says, in place of a Worker. */
export interface Answer {
  status: number;
  text: string;
}

export function badRequest(): Answer {
  return {
    status: 400,
    text: "The request names no host, or none that can be one. Send 'Host: <name>[:<port>]'.",
  };
}

/** Cloudflare's 530 stands for a host that leads nowhere. */
export function noWorker(head: RequestHead, why: string, table: EdgeTable): Answer {
  const routes = table
    .routes()
    .map(({ pattern, script }) => `${pattern} -> ${script ?? "(no Worker)"}`);
  const domains = table.domains().map(({ hostname, service }) => `${hostname} -> ${service}`);
  return {
    status: 530,
    text: [
      `No Worker for ${head.url}`,
      why,
      "",
      ...section("Routes", routes),
      ...section("Custom domains", domains),
    ].join("\n"),
  };
}

/** Cloudflare's 1104: the script that a route or domain names is not there. */
export function notRunning(script: string, by: string): Answer {
  return {
    status: 530,
    text: `Script '${script}', which the ${by} names, does not run. Deploy it, or remove the ${by}.`,
  };
}

/** Cloudflare's 520: an answer that broke off before it began. */
export function wentAway(script: string, error: unknown): Answer {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    status: 520,
    text: `Script '${script}' went away before it answered (${reason}). runtime.log may say why.`,
  };
}

function section(title: string, lines: readonly string[]): string[] {
  return [`${title}:`, ...(lines.length === 0 ? ["  (none)"] : lines.map((line) => `  ${line}`))];
}

export function sendAnswer(response: ServerResponse, { status, text }: Answer): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(`error code: ${status}\n${text}\n`);
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": body.length,
    "cache-control": "no-store",
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
