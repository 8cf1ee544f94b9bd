import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { githubFromEnvironment, openGitHub, type GitHub } from "../lib/github/api.ts";
import { findPullRequest } from "../lib/github/pull-request.ts";
import { addToSummary, setStepOutput } from "../lib/github/step.ts";
import { commentOn } from "../lib/github/sticky.ts";
import { fakeGitHub, type FakeGitHub } from "./fake-github.ts";
import { serve, temporaryFolder } from "./support.ts";

const MARKER = "<!-- visitor-tracker preview of prod -->";

function open({ env }: Pick<FakeGitHub, "env">): GitHub {
  return openGitHub(githubFromEnvironment(env));
}

describe("a comment on a pull request", () => {
  test("is made once, then updated in place, and left alone when it says the same", async () => {
    const github = await fakeGitHub();
    for (const text of ["one", "two", "three"])
      github.add("/issues/12/comments", "ada", { body: text });
    const say = (text: string): Promise<string> =>
      commentOn(open(github), 12, `${MARKER}\n\n${text}\n`);
    expect(await say("a")).toBe("created");
    expect(await say("b")).toBe("updated");
    expect(await say("b")).toBe("unchanged");
    const bodies = github.lists.get("/issues/12/comments")?.map(({ body }) => body);
    expect(bodies).toEqual(["one", "two", "three", `${MARKER}\n\nb\n`]);
    // The comment is on the second page.
    expect(github.requests.slice(-2)).toEqual([
      "GET /repos/octo/site/issues/12/comments?per_page=100",
      "GET /repos/octo/site/issues/12/comments?per_page=100&page=2",
    ]);
  });

  test("is one a stack, and what others wrote is left alone, marker or not", async () => {
    const github = await fakeGitHub();
    github.add("/issues/12/comments", "mallory", { body: `${MARKER}\n\nmine` });
    expect(await commentOn(open(github), 12, `${MARKER}\n\na`)).toBe("created");
    const other = MARKER.replace("prod", "staging");
    expect(await commentOn(open(github), 12, `${other}\n\na`)).toBe("created");
    expect(await commentOn(open(github), 12, `${MARKER}\r\n\r\na`.replaceAll("\r", ""))).toBe(
      "unchanged",
    );
    const bodies = github.lists.get("/issues/12/comments")?.map(({ body }) => body);
    expect(bodies).toEqual([`${MARKER}\n\nmine`, `${MARKER}\n\na`, `${other}\n\na`]);
  });
});

describe("the pull request of a commit", () => {
  const commit = "a".repeat(40);
  const branch = "ada:feature";
  const pull = (sha: string): object => ({ head: { sha, label: branch } });

  test("is the open one of that branch whose newest commit it is", async () => {
    const github = await fakeGitHub(1);
    github.add("/pulls", "ada", { ...pull(commit), state: "closed" });
    github.add("/pulls", "ada", { head: { sha: commit, label: "eve:feature" } });
    github.add("/pulls", "ada", pull("b".repeat(40)));
    expect(await findPullRequest(open(github), { branch, commit })).toBeUndefined();
    const { number } = github.add("/pulls", "ada", pull(commit));
    expect(await findPullRequest(open(github), { branch, commit })).toBe(number);
  });

  test("is not guessed when there are two", async () => {
    const github = await fakeGitHub();
    for (const _ of [1, 2]) github.add("/pulls", "ada", pull(commit));
    await expect(findPullRequest(open(github), { branch, commit })).rejects.toThrow(
      "ada:feature is the head of several pull requests: 100, 101.",
    );
  });
});

/** A GitHub that answers everything with the same. */
async function answering(status: number, body: string, headers = {}): Promise<GitHub> {
  const apiUrl = await serve((_request, response) => response.writeHead(status, headers).end(body));
  return openGitHub({ apiUrl, repository: "octo/site", token: "ghs_secret" });
}

describe("an answer that is not expected", () => {
  test.each([
    [401, '{"message":"Bad credentials"}', /with 401 Bad credentials: GITHUB_TOKEN is not valid/],
    [403, '{"message":"Resource not accessible"}', /with 403 .*permissions/],
    [404, '{"message":"Not Found"}', /with 404 Not Found: there is no such thing/],
    [502, "<html>", /GET \/repos\/octo\/site\/issues\?per_page=100 with 502$/],
    [200, "<html>", /with what is no JSON/],
    [200, "{}", /with no list/],
    [307, "", /with 307$/],
  ])(
    "of status %i (%s) is an error that says so, without the token",
    async (status, body, message) => {
      const headers = status === 307 ? { location: "http://127.0.0.1:1/" } : {};
      const github = await answering(status, body, headers);
      const error = await github.list("/issues").catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(message);
      expect(String(error)).not.toContain("ghs_secret");
    },
  );

  test("that leads to another host is not followed", async () => {
    const github = await answering(200, "[]", { link: '<http://evil.invalid/x>; rel="next"' });
    expect(await github.list("/issues")).toEqual([]);
  });

  test("that never ends is given up", async () => {
    const github = await fakeGitHub(0);
    github.add("/issues", "ada", {});
    await expect(open(github).list("/issues")).rejects.toThrow(
      "GitHub's list of /issues does not end.",
    );
  });
});

test("what a workflow has to set is named when it is missing", () => {
  expect(() => githubFromEnvironment({})).toThrow("GITHUB_REPOSITORY is ''; set it to owner/name");
  expect(() => githubFromEnvironment({ GITHUB_REPOSITORY: "a/b" })).toThrow(
    "GITHUB_TOKEN is not set",
  );
  expect(githubFromEnvironment({ GITHUB_REPOSITORY: "a/b", GITHUB_TOKEN: "t" }).apiUrl).toBe(
    "https://api.github.com",
  );
});

test("a step's output is one line, and its summary a text; elsewhere nothing is written", async () => {
  const folder = temporaryFolder();
  const env = { GITHUB_OUTPUT: join(folder, "out"), GITHUB_STEP_SUMMARY: join(folder, "summary") };
  await setStepOutput("url", "https://a\nverdict=none", env);
  await addToSummary("# a\n", env);
  await setStepOutput("url", "x", {});
  await addToSummary("x", {});
  expect(await readFile(env.GITHUB_OUTPUT, "utf8")).toBe("url=https://a verdict=none\n");
  expect(await readFile(env.GITHUB_STEP_SUMMARY, "utf8")).toBe("# a\n\n");
});
