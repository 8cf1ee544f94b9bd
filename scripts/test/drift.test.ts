import { expect, test } from "vitest";
import { renderDrift, renderDriftIssue, type Drift } from "../lib/drift/describe.ts";
import { reportDrift } from "../lib/drift/issue.ts";
import { githubFromEnvironment, openGitHub } from "../lib/github/api.ts";
import { parseDigest } from "../lib/preview/digest.ts";
import { fakeGitHub } from "./fake-github.ts";

const WORKER =
  "urn:pulumi:prod::visitor-tracker::cloudflare:index/workersScript:WorkersScript::visitor-tracker";
const SUBDOMAIN = WORKER.replace(
  /cloudflare.*Script::/,
  "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain::",
);

/** As `pulumi refresh --preview-only --json` says it. */
function drift(...steps: object[]): Drift {
  return { resources: parseDigest(JSON.stringify({ steps })).resources, isDeployed: true };
}

const OFF = {
  op: "update",
  urn: SUBDOMAIN,
  oldState: { inputs: { accountId: "[secret]", enabled: true } },
  newState: { inputs: { accountId: "[secret]", enabled: false } },
};
const GONE = { op: "delete", urn: WORKER, oldState: { inputs: { scriptName: "visitor-tracker" } } };
const SAME = { op: "refresh", urn: WORKER, oldState: { inputs: {} }, newState: { inputs: {} } };

test("what is the same is said in a line", () => {
  expect(renderDrift("prod", drift(SAME))).toBe("Stack 'prod': the account has what was deployed.");
});

test("what is different is said in words, with what to do", () => {
  expect(renderDrift("prod", drift(OFF, GONE, SAME))).toBe(
    [
      "Stack 'prod': the account does not have what was deployed.",
      "  WorkersScript 'visitor-tracker' is gone",
      "  WorkersScriptSubdomain 'visitor-tracker' was changed by other means than this program",
      "    - WorkersScript visitor-tracker (delete)",
      "    -   scriptName: visitor-tracker",
      "    ! WorkersScriptSubdomain visitor-tracker (update)",
      "    -   enabled: true",
      "    +   enabled: false",
      "",
      "To put back what was deployed: 'npm run pulumi -- up --refresh --stack prod'",
      "To keep what the account has: change the config or the code to say the same, then run that command too",
    ].join("\n"),
  );
});

test("an issue is opened once, updated, closed when there is nothing more, and opened anew", async () => {
  const fake = await fakeGitHub();
  const github = openGitHub(githubFromEnvironment(fake.env));
  for (const title of ["a", "b", "c"])
    fake.add("/issues", "ada", { title, body: "<!-- visitor-tracker drift of prod -->" });
  const report = (...steps: object[]): ReturnType<typeof reportDrift> =>
    reportDrift(github, "prod", drift(...steps));
  expect(await report(SAME)).toBeUndefined();
  expect(await report(OFF)).toBe("created");
  expect(await report(OFF)).toBe("unchanged");
  expect(await report(OFF, GONE)).toBe("updated");
  expect(await reportDrift(github, "staging", drift())).toBeUndefined();
  const issue = fake.lists.get("/issues")?.[3];
  expect(issue).toMatchObject({
    title: "Stack prod is not what was deployed",
    body: renderDriftIssue("prod", drift(OFF, GONE)),
    user: { login: "github-actions[bot]" },
  });
  expect(await report()).toBe("closed");
  expect(issue).toMatchObject({ state: "closed", state_reason: "completed" });
  expect(fake.lists.get(`/issues/${issue?.number}/comments`)).toMatchObject([
    { body: "The two are the same again." },
  ]);
  expect(await report(GONE)).toBe("created");
  expect(fake.lists.get("/issues")).toHaveLength(5);
});

test("an issue's text begins with its marker and holds the diff as code", () => {
  expect(renderDriftIssue("prod", drift(OFF))).toBe(
    [
      "<!-- visitor-tracker drift of prod -->",
      "The account does not have what was deployed as stack `prod`.",
      "- WorkersScriptSubdomain `visitor-tracker` was changed by other means than this program",
      "`-` is what was deployed, `+` what the account has:",
      "```diff\n! WorkersScriptSubdomain visitor-tracker (update)\n-   enabled: true\n+   enabled: false\n```",
      "- To put back what was deployed: `npm run pulumi -- up --refresh --stack prod`\n- To keep what the account has: change the config or the code to say the same, then run that command too",
      "This issue is closed by itself when the two are the same again.",
      "",
    ].join("\n\n"),
  );
});

test("an issue's text stays within what GitHub takes when code differs", () => {
  const changed = {
    ...GONE,
    op: "update",
    newState: { inputs: { scriptName: "visitor-tracker", content: "x".repeat(75_000) } },
  };
  const body = renderDriftIssue("prod", drift(changed));
  expect(body.length).toBeLessThan(65_536);
  expect(body).toContain("… 1 more lines, left out for their length");
});

test("another version that serves is drift by itself", async () => {
  const other = {
    resources: [],
    isDeployed: true,
    serving: 'version v1 serves since then (wrangler: "back")',
  };
  const said = "What serves is not what was uploaded last: ";
  expect(renderDrift("prod", other).split("\n")[1]).toBe(`  ${said}'${other.serving}'`);
  const body = renderDriftIssue("prod", other);
  expect(body).toContain(`- ${said}\`${other.serving}\`\n\n- To put back`);
  const github = openGitHub(githubFromEnvironment((await fakeGitHub()).env));
  expect(await reportDrift(github, "prod", other)).toBe("created");
});

test("of a stack without anything deployed it is said that nothing was compared", () => {
  expect(renderDrift("prod", { resources: [], isDeployed: false })).toBe(
    "Stack 'prod' has nothing deployed by its state, so there is nothing to compare. Is the state elsewhere? npm run pulumi -- whoami -v",
  );
});
