import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { serve } from "./support.ts";

interface FakeItem {
  readonly id: number;
  readonly number: number;
  readonly user: { readonly login: string };
  [field: string]: unknown;
}

export interface FakeGitHub {
  readonly env: NodeJS.ProcessEnv;
  /** By path under the repository: `/issues`, `/issues/12/comments`, `/pulls`. */
  readonly lists: Map<string, FakeItem[]>;
  /** `METHOD path` of all that was asked. */
  readonly requests: string[];
  /** @param fields may say the `number` */
  add(path: string, login: string, fields: object): FakeItem;
}

const TOKEN = "ghs_aTokenOfAWorkflow0123456789";
const BOT = "github-actions[bot]";

interface Reply {
  readonly status: number;
  readonly value: unknown;
  readonly headers?: OutgoingHttpHeaders;
}

/**
 * As much of GitHub's REST API as the workflows use, with pages of `pageSize` items.
 * @param whenDone when it ends. @default after the test
 */
export async function fakeGitHub(
  pageSize = 2,
  whenDone: (end: () => void) => void = onTestFinished,
): Promise<FakeGitHub> {
  const lists: FakeGitHub["lists"] = new Map();
  const requests: string[] = [];
  const add: FakeGitHub["add"] = (path, login, fields) => {
    const id = 100 + [...lists.values()].flat().length;
    const item = { number: id, ...fields, id, user: { login } };
    lists.set(path, [...(lists.get(path) ?? []), item]);
    return item;
  };
  const reply = async (request: IncomingMessage): Promise<Reply> => {
    const { method = "", url = "" } = request;
    requests.push(`${method} ${url}`);
    const { pathname, searchParams } = new URL(url, "http://x");
    const path = pathname.replace(/^\/repos\/octo\/site/, "");
    const body: object = { ...Object(await bodyOf(request)) };
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return { status: 401, value: { message: "Bad credentials" } };
    }
    if (method === "POST") return { status: 201, value: add(path, BOT, body) };
    if (method === "PATCH") return patch(lists, path, body);
    const wanted = (lists.get(path) ?? []).filter((item) => isWanted(item, searchParams));
    return pageOf(wanted, pageSize, `${apiUrl}${pathname}`, searchParams);
  };
  const apiUrl = await serve((request, response) => {
    void answer(response, reply(request));
  }, whenDone);
  const env = { GITHUB_API_URL: apiUrl, GITHUB_REPOSITORY: "octo/site", GITHUB_TOKEN: TOKEN };
  return { env, lists, requests, add };
}

async function answer(response: ServerResponse, reply: Promise<Reply>): Promise<void> {
  const { status, value, headers } = await reply;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

function pageOf(
  items: readonly FakeItem[],
  pageSize: number,
  url: string,
  query: URLSearchParams,
): Reply {
  const page = Number(query.get("page") ?? 1);
  const value = items.slice((page - 1) * pageSize, page * pageSize);
  if (items.length <= page * pageSize) return { status: 200, value };
  query.set("page", String(page + 1));
  return { status: 200, value, headers: { link: `<${url}?${query.toString()}>; rel="next"` } };
}

/** What a list's query asks for, as far as the workflows use it. */
function isWanted(item: FakeItem, query: URLSearchParams): boolean {
  const [state, head] = [query.get("state"), query.get("head")];
  const label: unknown = Reflect.get(Object(item["head"]), "label");
  return (
    (state === null || (item["state"] ?? "open") === state) && (head === null || label === head)
  );
}

function patch(lists: FakeGitHub["lists"], path: string, body: object): Reply {
  const [id] = path.match(/\d+$/) ?? [];
  const isComment = path.startsWith("/issues/comments/");
  for (const [name, items] of lists) {
    const item = items.find((one) => String(one.id) === id);
    if (item === undefined || name.endsWith("/comments") !== isComment) continue;
    return { status: 200, value: Object.assign(item, body) };
  }
  return { status: 404, value: { message: "Not Found" } };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text === "" ? undefined : JSON.parse(text);
}
