import { isRecord } from "../../../infra/src/is-record.ts";
import { messageOf } from "../files.ts";

/** One repository's REST API. */
export interface GitHub {
  /** Every item of a list, from all its pages. @param path under the repository, such as `/pulls?state=open` */
  list(path: string): Promise<unknown[]>;
  /** @returns what the API answers */
  send(method: "POST" | "PATCH", path: string, body: object): Promise<unknown>;
}

export interface GitHubOptions {
  /** Such as `https://api.github.com`, without final slash. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
}

const VERSION = "2022-11-28";
/** Of 100 items each: more than a pull request has room for. */
const MAX_PAGES = 50;
const LIMIT_MS = 30_000;

/**
 * What GitHub Actions sets in a workflow's environment.
 * @throws Error that names what is missing
 */
export function githubFromEnvironment(env: NodeJS.ProcessEnv = process.env): GitHubOptions {
  const { GITHUB_API_URL, GITHUB_REPOSITORY: repository = "", GITHUB_TOKEN: token = "" } = env;
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new Error(
      `GITHUB_REPOSITORY is '${repository}'; set it to owner/name, as GitHub Actions does.`,
    );
  }
  if (token === "") {
    throw new Error("GITHUB_TOKEN is not set; a workflow's step has to name it in its env.");
  }
  const apiUrl = (GITHUB_API_URL ?? "https://api.github.com").replace(/\/+$/, "");
  return { apiUrl, repository, token };
}

/** @see https://docs.github.com/rest */
export function openGitHub(options: GitHubOptions): GitHub {
  const base = `${options.apiUrl}/repos/${options.repository}`;
  return {
    async list(path) {
      const items: unknown[] = [];
      let next: string | undefined = base + withPageSize(path);
      for (let page = 1; next !== undefined; page += 1) {
        if (page > MAX_PAGES) throw new Error(`GitHub's list of ${path} does not end.`);
        const { body, following }: Answer = await request("GET", next, options);
        if (!Array.isArray(body)) throw new Error(`GitHub answered GET ${path} with no list.`);
        items.push(...body);
        next = following;
      }
      return items;
    },
    send: async (method, path, body) => (await request(method, base + path, options, body)).body,
  };
}

interface Answer {
  readonly body: unknown;
  /** Of the next page. */
  readonly following: string | undefined;
}

async function request(
  method: string,
  url: string,
  { apiUrl, token }: GitHubOptions,
  body?: object,
): Promise<Answer> {
  const what = `${method} ${url.slice(apiUrl.length)}`;
  // The token goes to GitHub's API alone, never to where it points.
  const response = await fetch(url, {
    method,
    redirect: "manual",
    signal: AbortSignal.timeout(LIMIT_MS),
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "user-agent": "visitor-tracker",
      "x-github-api-version": VERSION,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    const reason = messageOf(error instanceof Error ? (error.cause ?? error) : error);
    throw new Error(`GitHub did not answer ${what}: ${reason}`);
  });
  const text = await response.text();
  if (!response.ok) throw new Error(refusal(what, response.status, parseJson(text)));
  const answer = parseJson(text);
  if (answer === undefined) throw new Error(`GitHub answered ${what} with what is no JSON.`);
  return { body: answer, following: nextPage(response.headers.get("link"), apiUrl) };
}

function refusal(what: string, status: number, body: unknown): string {
  const said = isRecord(body) && typeof body["message"] === "string" ? ` ${body["message"]}` : "";
  const advice: { readonly [status: number]: string } = {
    401: "GITHUB_TOKEN is not valid.",
    403: "the job's permissions do not allow it: see `permissions:` of its workflow.",
    404: "there is no such thing, or the job's permissions do not show it.",
  };
  return `GitHub answered ${what} with ${status}${said}${status in advice ? `: ${advice[status]}` : ""}`;
}

function withPageSize(path: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}per_page=100`;
}

function nextPage(link: string | null, apiUrl: string): string | undefined {
  const next = /<([^>]+)>;\s*rel="next"/.exec(link ?? "")?.[1];
  return next?.startsWith(`${apiUrl}/`) === true ? next : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
