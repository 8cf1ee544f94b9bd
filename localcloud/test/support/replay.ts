import { readFileSync } from "node:fs";
import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { isRecord } from "../../src/lib/unknown.ts";
import type { TestCloud } from "./cloud.ts";

/** A request of the real provider, and what it read of the answer that it went on from. */
interface Exchange {
  /** Method and target; `{account}`, `{zone}` and `{id 1}` stand for ids of the account that it is played to. */
  request: string;
  accept?: string;
  /** How often it was sent before. */
  retryCount?: number;
  contentLength?: number;
  boundary?: string;
  parts?: { headers: string[]; text: string }[];
  body?: string;
  /** 0: no answer came. */
  status: number;
  errors?: number[];
  /** Fields of `result` that the provider keeps; `<any>` is a value of that moment. */
  reads?: unknown;
}

interface Recording {
  steps: { does: string; exchanges: Exchange[] }[];
}

interface ReplayedAnswer {
  status: number;
  text: string;
}

export interface Replay {
  /** Plays the next step, which must be the one of that name; each answer must be what the provider read. */
  step: (does: string) => Promise<ReplayedAnswer[]>;
  /** @throws when steps are left */
  end: () => void;
}

/** Plays a recording of `test/replay/`, byte for byte but for ids, to a fresh account. */
export function replay(cloud: TestCloud, name: string): Replay {
  const path = fileURLToPath(new URL(`../replay/${name}.json`, import.meta.url));
  const { steps }: Recording = JSON.parse(readFileSync(path, "utf8"));
  const ids = new Map([
    ["{account}", cloud.accountId],
    ["{zone}", cloud.zoneId("localhost")],
  ]);
  return {
    async step(does) {
      const step = steps.shift();
      expect(step?.does).toBe(does);
      const answers: ReplayedAnswer[] = [];
      for (const exchange of step?.exchanges ?? []) {
        answers.push(await playExchange(cloud, exchange, ids));
      }
      return answers;
    },
    end: () => expect(steps.map((step) => step.does)).toEqual([]),
  };
}

type Ids = Map<string, string>;

function fill(text: string, ids: Ids): string {
  return [...ids].reduce((filled, [name, id]) => filled.replaceAll(name, id), text);
}

async function playExchange(
  cloud: TestCloud,
  exchange: Exchange,
  ids: Ids,
): Promise<ReplayedAnswer> {
  const sending = send(cloud, exchange, ids);
  if (exchange.status === 0) {
    await expect(sending).rejects.toMatchObject({ code: "ECONNRESET" });
    return { status: 0, text: "" };
  }
  const { status, headers, text } = await sending;
  expect({ request: exchange.request, status, text }).toMatchObject({ status: exchange.status });
  if (String(headers["content-type"]).startsWith("application/json")) {
    compare(JSON.parse(text), exchange, ids);
  }
  return { status, text };
}

function compare(answer: unknown, { request: name, errors, reads }: Exchange, ids: Ids): void {
  if (!isRecord(answer)) throw new Error(`${name}: ${JSON.stringify(answer)} is no envelope.`);
  const { result } = answer;
  if (errors !== undefined) {
    expect(answer).toMatchObject({ errors: errors.map((code) => ({ code })) });
    return;
  }
  if (isRecord(reads) && isRecord(result)) learnId(reads["id"], result["id"], ids);
  expect({ [name]: result }).toMatchObject({ [name]: expected(reads, ids) });
}

/** An id that is new to the recording is the new one of this account. */
function learnId(recorded: unknown, actual: unknown, ids: Ids): void {
  const name = String(recorded);
  if (/^\{id \d+\}$/.test(name) && !ids.has(name)) ids.set(name, String(actual));
}

function expected(value: unknown, ids: Ids): unknown {
  if (value === "<any>") return expect.anything();
  if (typeof value === "string") return fill(value, ids);
  if (Array.isArray(value)) return value.map((entry) => expected(entry, ids));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, expected(entry, ids)]),
  );
}

interface Received {
  status: number;
  headers: Record<string, unknown>;
  text: string;
}

async function send(cloud: TestCloud, exchange: Exchange, ids: Ids): Promise<Received> {
  const [method = "", target = ""] = fill(exchange.request, ids).split(" ");
  const { host, hostname, port, pathname } = new URL(cloud.apiUrl);
  const body = bodyOf(exchange, ids);
  expect(body.byteLength).toBe(exchange.contentLength ?? 0);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path: `${pathname}${target}`,
        headers: headersOf(exchange, host),
        setDefaultHeaders: false,
        agent: false,
      },
      (response) => {
        const { statusCode = 0, headers } = response;
        buffer(response).then(
          (bytes) => resolve({ status: statusCode, headers, text: bytes.toString() }),
          reject,
        );
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** As Go's multipart writer has it. */
function bodyOf({ boundary, parts, body }: Exchange, ids: Ids): Buffer {
  if (parts === undefined) return Buffer.from(fill(body ?? "", ids));
  const text = parts.map(
    ({ headers, text: contents }) =>
      `--${boundary}\r\n${headers.join("\r\n")}\r\n\r\n${fill(contents, ids)}\r\n`,
  );
  return Buffer.from(`${text.join("")}--${boundary}--\r\n`);
}

/** Names, order and values as Go's client and cloudflare-go have them. */
function headersOf(exchange: Exchange, host: string): string[] {
  const { accept = "application/json", boundary, contentLength, retryCount = 0 } = exchange;
  const type =
    boundary === undefined ? "application/json" : `multipart/form-data; boundary=${boundary}`;
  const ofBody = contentLength === undefined ? [] : [["Content-Length", String(contentLength)]];
  const agent =
    "terraform-provider-cloudflare/5.22.0 terraform-plugin-framework/1.19.0 terraform/1.13.0";
  return [
    ["Host", host],
    ["User-Agent", agent],
    ...ofBody,
    ["Accept", accept],
    ["Authorization", `Bearer ${"x".repeat(40)}`],
    ...ofBody.map(() => ["Content-Type", type]),
    ["X-Stainless-Arch", "x64"],
    ["X-Stainless-Lang", "Terraform"],
    ["X-Stainless-Os", "Linux"],
    ["X-Stainless-Package-Version", "5.22.0"],
    ["X-Stainless-Retry-Count", String(retryCount)],
    ["X-Stainless-Runtime", "terraform-plugin-framework"],
    ["X-Stainless-Runtime-Version", "1.19.0"],
    ["Accept-Encoding", "gzip"],
  ].flat();
}
