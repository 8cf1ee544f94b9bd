import type { ServerResponse } from "node:http";
import type { EdgeTable } from "../runtime/types.ts";
import { type RequestHead, edgeHeaders } from "./head.ts";

/** What the edge itself says, in place of a Worker. */
export interface Answer {
  status: number;
  /** What Cloudflare's page says; the status when there is none. */
  code?: number;
  text: string;
  headers?: Record<string, string>;
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

/** Cloudflare's 1101: what workerd answers for a Worker that threw, or that never makes a response. */
export function threwException(head: RequestHead): Answer {
  return {
    status: 500,
    code: 1101,
    text: "The Worker threw an exception, or its code ended without a response. `wrangler tail` shows which.",
    headers: Object.fromEntries(edgeHeaders(head)),
  };
}

function section(title: string, lines: readonly string[]): string[] {
  return [`${title}:`, ...(lines.length === 0 ? ["  (none)"] : lines.map((line) => `  ${line}`))];
}

export function sendAnswer(response: ServerResponse, answer: Answer): void {
  const { status, code = status, text, headers } = answer;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(`error code: ${code}\n${text}\n`);
  response.writeHead(status, {
    ...headers,
    "content-type": "text/plain; charset=utf-8",
    "content-length": body.length,
    "cache-control": "no-store",
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
