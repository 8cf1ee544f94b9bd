import { parseUrl } from "@visitor-tracker/protocol";
import type { ConfigReader } from "./config-reader.ts";

/** Where the local cloud serves, for stacks that are deployed to it. */
export interface LocalCloud {
  /** API that stands in for `https://api.cloudflare.com/client/v4`; loopback only, no final slash. */
  readonly baseUrl: string;
  /** Edge whose scheme and port the stack's addresses take; without it they are as on Cloudflare. */
  readonly edgeUrl?: string;
}

const API_EXAMPLE = "http://127.0.0.1:8789/client/v4";
const EDGE_EXAMPLE = "http://localhost:8788";

/** @param isRequired whether the stack exists in the local cloud alone */
export function readLocalCloud(reader: ConfigReader, isRequired: boolean): LocalCloud | undefined {
  // Any other stack is for Cloudflare: there the way out is to have no such key.
  const fix = (key: string, example: string): string =>
    isRequired ? reader.set(key, example) : reader.remove(key);
  const baseUrl = readLoopbackUrl(
    reader,
    "cloudflareBaseUrl",
    fix("cloudflareBaseUrl", API_EXAMPLE),
  );
  const edgeUrl = readLoopbackUrl(reader, "edgeUrl", fix("edgeUrl", EDGE_EXAMPLE));
  if (reader.has("cloudflareBaseUrl")) {
    return { baseUrl: baseUrl ?? API_EXAMPLE, ...(edgeUrl === undefined ? {} : { edgeUrl }) };
  }
  if (isRequired) {
    reader.report(
      "cloudflareBaseUrl",
      "is not set, and this stack is for the local cloud; use another stack to deploy to Cloudflare",
      reader.set("cloudflareBaseUrl", API_EXAMPLE),
    );
  } else if (reader.has("edgeUrl")) {
    reader.report(
      "edgeUrl",
      `'${reader.text("edgeUrl")}' is the local cloud's, and cloudflareBaseUrl is not set; keep both or none`,
      reader.remove("edgeUrl"),
    );
  }
  return undefined;
}

/** The edge alone, where the API's address is not a setting. */
export function readEdgeUrl(reader: ConfigReader): string | undefined {
  return readLoopbackUrl(reader, "edgeUrl", reader.set("edgeUrl", EDGE_EXAMPLE));
}

function readLoopbackUrl(reader: ConfigReader, key: string, fix: string): string | undefined {
  const value = reader.text(key);
  if (value === undefined) return undefined;
  const url = parseUrl(value);
  if (url !== null && isLoopback(url)) return value.replace(/\/+$/, "");
  reader.report(
    key,
    `'${value}' is not an http address of this machine (127.0.0.1, [::1] or localhost); it is for the local cloud only`,
    fix,
  );
  return undefined;
}

/** Whether an http address is this machine's, without credentials and query. */
export function isLoopback(url: URL): boolean {
  const isHttp = url.protocol === "http:" || url.protocol === "https:";
  const isPlain = url.username === "" && url.password === "" && url.search === "";
  return isHttp && isPlain && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}
