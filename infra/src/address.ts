import type { LiveScript } from "@visitor-tracker/worker/build";
import type { Exposure } from "./exposure-config.ts";

export interface Address {
  /** Base URL that clients take as `endpoint`, without a final slash. */
  readonly url: string;
  /** The WebSocket endpoint itself. */
  readonly wsUrl: string;
}

/**
 * The one address that the config itself gives: the custom domain's, else the route's.
 * @param edgeUrl edge of the local cloud, whose scheme and port replace those of Cloudflare's edge
 * @returns undefined when there is none, or the route's pattern covers many hosts
 */
export function ownAddress(
  { customDomain, route }: Exposure,
  edgeUrl: string | undefined,
): Address | undefined {
  if (customDomain !== undefined) return addressOn(customDomain, "", edgeUrl);
  if (route === undefined || route.host.startsWith("*.")) return undefined;
  return addressOn(route.host, route.basePath, edgeUrl);
}

/**
 * Address of a script on workers.dev. The local edge serves it below `.localhost`, which browsers
 * resolve to the machine itself.
 * @param subdomain the account's
 */
export function workersDevAddress(
  scriptName: string,
  subdomain: string,
  edgeUrl: string | undefined,
): Address {
  const domain = edgeUrl === undefined ? "workers.dev" : "workers.localhost";
  return addressOn(`${scriptName}.${subdomain}.${domain}`, "", edgeUrl);
}

/**
 * What puts the count on a page of any kind: two lines of HTML. The browser runs the script only if
 * it is the one that was deployed.
 * @param url the Worker's base URL, or its base path for pages of the same host
 */
export function embedCode(url: string, { path, integrity }: LiveScript): string {
  const script = `<script src="${url}${path}" integrity="${integrity}" crossorigin="anonymous" async></script>`;
  return `${script}\n<visitor-count></visitor-count>`;
}

function addressOn(host: string, basePath: string, edgeUrl: string | undefined): Address {
  const edge = edgeUrl === undefined ? undefined : new URL(edgeUrl);
  const port = edge === undefined || edge.port === "" ? "" : `:${edge.port}`;
  const url = `${edge?.protocol ?? "https:"}//${host}${port}${basePath}`;
  return { url, wsUrl: `${url.replace(/^http/, "ws")}/ws` };
}
