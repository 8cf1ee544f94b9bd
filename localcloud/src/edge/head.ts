import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { OFFERED_ENCODINGS } from "./encoding.ts";

/** What the edge knows of a request before it looks for a Worker. */
export interface RequestHead {
  /** As the Worker sees it, with the port the client used. */
  url: string;
  /** `host[:port]` of that URL. */
  host: string;
  /** Without port, as in the URL. */
  hostname: string;
  pathAndQuery: string;
  /** 16 hexadecimal digits. */
  ray: string;
}

/** Where `request.cf` says that every client is. */
const COUNTRY = "US";

/** A test client that cannot set `Host` (such as `fetch`) names the host here. */
const HOST_OVERRIDE = "x-emulator-host";

/** Headers of one connection, not of the message (RFC 9110, section 7.6.1), and what Node answered. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Set by the edge alone: a client must not be able to forge them. */
const EDGE_HEADERS: ReadonlySet<string> = new Set([
  "accept-encoding",
  "cf-connecting-ip",
  "cf-ew-via",
  "cf-ipcountry",
  "cf-ray",
  "cf-visitor",
  "cf-worker",
  "host",
  "mf-cf-blob",
  "x-forwarded-proto",
  "x-real-ip",
  HOST_OVERRIDE,
]);

/** Null for a request that names no host, or none that can be one. */
export function readHead(request: IncomingMessage): RequestHead | null {
  const target = request.url ?? "/";
  // A proxy's client sends the whole URL, which then counts instead of `Host`.
  const absolute = /^http:\/\/([^/?#]+)(.*)$/i.exec(target);
  const override = request.headers[HOST_OVERRIDE];
  const host = typeof override === "string" ? override : (absolute?.[1] ?? request.headers.host);
  const given = absolute === null ? target : (absolute[2] ?? "");
  const path = given.startsWith("/") ? given : `/${given}`;
  if (
    host === undefined ||
    /[/?#@\\]/.test(host) ||
    (absolute === null && !target.startsWith("/"))
  ) {
    return null;
  }
  const url = `http://${host}${path}`;
  if (!URL.canParse(url)) return null;
  const { hostname, pathname, search } = new URL(url);
  return {
    url,
    host,
    hostname,
    pathAndQuery: pathname + search,
    ray: randomBytes(8).toString("hex"),
  };
}

/** The request's headers as a Worker at Cloudflare gets them, as a flat list of names and values. */
export function forwardedHeaders(request: IncomingMessage, head: RequestHead): string[] {
  const ip = (request.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
  const kept = pairs(request.rawHeaders).filter(
    ([name]) => !isHopByHop(name, request) && !EDGE_HEADERS.has(name.toLowerCase()),
  );
  const forwardedFor = request.headers["x-forwarded-for"];
  return [
    ["Host", head.host],
    ...kept.filter(([name]) => name.toLowerCase() !== "x-forwarded-for"),
    ["Accept-Encoding", OFFERED_ENCODINGS],
    ["CF-Connecting-IP", ip],
    ["CF-IPCountry", COUNTRY],
    ["CF-Ray", head.ray],
    ["CF-Visitor", '{"scheme":"http"}'],
    ["X-Forwarded-For", forwardedFor === undefined ? ip : `${String(forwardedFor)}, ${ip}`],
    ["X-Forwarded-Proto", "http"],
    ["X-Real-IP", ip],
  ].flat();
}

/** The Worker's response headers as the client gets them, as a flat list of names and values. */
export function returnedHeaders(
  response: IncomingMessage,
  head: RequestHead,
  options: { isDecoded?: boolean } = {},
): string[] {
  const isChanged = (name: string): boolean =>
    ["content-encoding", "content-length"].includes(name) && options.isDecoded === true;
  const kept = pairs(response.rawHeaders).filter(
    ([name]) =>
      !isHopByHop(name, response) &&
      name.toLowerCase() !== "server" &&
      !isChanged(name.toLowerCase()),
  );
  return [...kept, ...edgeHeaders(head)].flat();
}

/** What the edge adds to every answer. */
export function edgeHeaders({ ray }: RequestHead): [string, string][] {
  return [
    ["Server", "cloudflare"],
    ["CF-Ray", `${ray}-LOC`],
  ];
}

function isHopByHop(name: string, message: IncomingMessage): boolean {
  const lower = name.toLowerCase();
  return HOP_BY_HOP.has(lower) || connectionOptions(message).includes(lower);
}

/** `Connection` names further headers that are only for the next hop. */
function connectionOptions({ headers }: IncomingMessage): string[] {
  return (headers.connection ?? "")
    .toLowerCase()
    .split(",")
    .map((option) => option.trim());
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    list.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return list;
}
