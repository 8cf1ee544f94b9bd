import type { Namespace, Script, State, Version } from "../src/model/state.ts";
import type { OpenSocket } from "../src/runtime/types.ts";
import { fetchObjects, runScheduled } from "./control.ts";
import { code, counted, element, soft, timeOf } from "./dom.ts";

/** What the account is shown with. */
export interface Surroundings {
  /** Where the edge listens, such as `http://localhost:8788`; null while it starts. */
  edgeUrl: string | null;
  sockets: readonly OpenSocket[];
}

/** One card a script, in the order of their first uploads. */
export function scriptCards(state: State, around: Surroundings): HTMLElement[] {
  if (state.scripts.length === 0) {
    return [element("p", { class: "soft" }, "Nothing is deployed.")];
  }
  return state.scripts.map((script) => scriptCard(state, script, around));
}

function scriptCard(state: State, script: Script, around: Surroundings): HTMLElement {
  const rows: [string, HTMLElement[]][] = [
    ["Deployed", deployed(script)],
    ["Addresses", addresses(state, script, around.edgeUrl)],
    ["WebSockets", webSockets(script, around.sockets)],
    ["Objects", state.namespaces.filter((each) => each.script === script.name).map(namespaceRow)],
    ["Bindings", bindings(newestDeployed(script))],
    ["Schedules", schedules(state, script)],
    ["Versions", versions(script)],
  ];
  return element(
    "article",
    { class: "card" },
    element("h3", {}, script.name),
    element(
      "dl",
      {},
      ...rows
        .filter(([, values]) => values.length > 0)
        .flatMap(([name, values]) => [element("dt", {}, name), element("dd", {}, ...values)]),
    ),
  );
}

function deployed(script: Script): HTMLElement[] {
  const shares = script.deployments[0]?.versions ?? [];
  const rows = shares.map(({ id, percentage }) => {
    const version = script.versions.find((each) => each.id === id);
    const name = version === undefined ? id : `version ${version.number}`;
    return element(
      "div",
      {},
      `${percentage}% ${name} `,
      soft(version?.annotations["workers/message"] ?? ""),
    );
  });
  if (rows.length === 0) return [element("div", { class: "note" }, "nothing serves yet")];
  const tag = script.migrationTag === null ? "" : `, migration tag ${script.migrationTag}`;
  const when = `${timeOf(script.modifiedOn)} by ${script.lastDeployedFrom}${tag}`;
  return [...rows, element("div", { class: "soft" }, when)];
}

function newestDeployed({ versions: all, deployments }: Script): Version | undefined {
  const ids = new Set(deployments[0]?.versions.map(({ id }) => id));
  return all.find(({ id }) => ids.has(id));
}

function addresses(state: State, script: Script, edgeUrl: string | null): HTMLElement[] {
  const routes = state.routes.filter((route) => route.script === script.name);
  const domains = state.domains.filter(({ service }) => service === script.name);
  const rows = [
    ...routes.map(({ pattern }) => address("route", pattern, edgeUrl)),
    ...domains.map(({ hostname }) => address("custom domain", `${hostname}/`, edgeUrl)),
  ];
  if (script.subdomain.enabled && state.subdomain !== "") {
    rows.push(
      address("workers.dev", `${script.name}.${state.subdomain}.workers.localhost/`, edgeUrl),
    );
  }
  return rows;
}

/** Browsers find `*.localhost` on this machine; other hosts need a Host header. */
function address(kind: string, pattern: string, edgeUrl: string | null): HTMLElement {
  const [, host = "", path = "/"] = /^(?:https?:\/\/)?([^/]*)(.*)$/.exec(pattern) ?? [];
  const isOpenable = edgeUrl !== null && /^(?:.+\.)?localhost$/.test(host) && !host.includes("*");
  const shown = isOpenable
    ? element("a", { href: linkTo(edgeUrl, host, path.replace(/\*$/, "")) }, pattern)
    : code(pattern);
  return element("div", {}, shown, " ", soft(kind));
}

function linkTo(edgeUrl: string, host: string, path: string): string {
  const url = new URL(edgeUrl);
  url.hostname = host;
  url.pathname = path;
  return url.href;
}

/** More would be no help and slow the page down. */
const MAX_SOCKETS = 100;

function webSockets({ name }: Script, sockets: readonly OpenSocket[]): HTMLElement[] {
  const open = sockets.filter(({ script }) => script === name);
  if (open.length === 0) return [];
  const newest = open.slice(-MAX_SOCKETS).toReversed();
  const rows = newest.map(({ url, openedAt }) =>
    element("div", {}, code(url), soft(` since ${timeOf(openedAt)}`)),
  );
  const more = open.length - newest.length;
  if (more > 0) rows.push(element("div", { class: "soft" }, `and ${more.toLocaleString()} older`));
  const summary = element("summary", {}, `${open.length.toLocaleString()} open`);
  return [element("details", { "data-key": `sockets ${name}` }, summary, ...rows)];
}

function namespaceRow({ id, className, useSqlite }: Namespace): HTMLElement {
  const list = element("div", {});
  const details = element(
    "details",
    { "data-key": `objects ${id}`, toggle: () => void showObjects(details, list, id) },
    element("summary", {}, code(className), " ", soft(useSqlite ? "SQLite" : "key-value")),
    list,
  );
  return details;
}

async function showObjects(
  details: HTMLDetailsElement,
  list: HTMLElement,
  id: string,
): Promise<void> {
  if (!details.open) return;
  const objects = await fetchObjects(id).catch((error: unknown) => {
    list.textContent = String(error);
    return null;
  });
  if (objects === null) return;
  list.replaceChildren(
    soft(`namespace ${id}, ${counted(objects.length, "object")}`),
    ...objects.map((object) =>
      element("div", {}, code(object.id), soft(object.hasStoredData ? " stores data" : "")),
    ),
  );
}

function bindings(version: Version | undefined): HTMLElement[] {
  return (version?.bindings ?? []).map(({ name, type, ...rest }) => {
    const value = rest["json"] ?? rest["class_name"] ?? rest["text"] ?? rest["namespace_id"];
    const text =
      value === undefined ? "" : ` ${typeof value === "string" ? value : JSON.stringify(value)}`;
    return element("div", {}, code(name), " ", soft(`${type}${text}`));
  });
}

function schedules(state: State, script: Script): HTMLElement[] {
  return state.schedules
    .filter((each) => each.script === script.name)
    .map(({ cron }) => {
      const outcome = soft("");
      const run = async (): Promise<void> => {
        const result = await runScheduled(script.name, cron);
        outcome.textContent = ` ${result.outcome}`;
      };
      const button = element("button", { click: () => void run() }, "Run now");
      return element("div", {}, code(cron), " ", button, outcome);
    });
}

function versions(script: Script): HTMLElement[] {
  const rows = script.versions.map((version) => {
    const bytes = version.modules.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const tag = version.annotations["workers/tag"];
    const facts = [
      `${(bytes / 1_024).toFixed(1)} KiB`,
      `started in ${version.startupTimeMs} ms`,
      version.compatibilityDate,
      tag ?? "",
    ];
    return element(
      "div",
      {},
      `${version.number} `,
      code(version.id),
      element("div", { class: "soft" }, facts.filter((fact) => fact !== "").join(", ")),
    );
  });
  if (rows.length === 0) return [];
  const summary = element("summary", {}, String(rows.length));
  return [element("details", { "data-key": `versions ${script.name}` }, summary, ...rows)];
}

/** One line a zone: its routes that no script handles, and its DNS records. */
export function zoneRows(state: State): HTMLElement[] {
  return state.zones.map(({ id, name }) => {
    const off = state.routes.filter((route) => route.zoneId === id && route.script === null);
    const records = state.dnsRecords.filter((record) => record.zoneId === id);
    return element(
      "div",
      { class: "card" },
      element("h3", {}, name),
      element("div", { class: "soft" }, id),
      ...off.map(({ pattern }) => element("div", {}, code(pattern), soft(" no Worker"))),
      ...records.map((record) =>
        element(
          "div",
          {},
          code(`${record.type} ${record.name}`),
          soft(` ${record.content}${record.proxied ? ", proxied" : ""}`),
        ),
      ),
    );
  });
}
