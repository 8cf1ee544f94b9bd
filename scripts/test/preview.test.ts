import { describe, expect, test } from "vitest";
import { parseDigest } from "../lib/preview/digest.ts";
import { describeDigest, EXIT_CODES, type DescribeOptions } from "../lib/preview/report.ts";
import { toPlain } from "../lib/preview/say.ts";
import { recorded } from "./preview-support.ts";

async function words(name: string, options?: DescribeOptions): Promise<[number, ...string[]]> {
  const { verdict, changes } = describeDigest(parseDigest(await recorded(name)), options);
  return [
    EXIT_CODES[verdict],
    ...changes.map(({ severity, text }) => `${severity}: ${toPlain(text)}`),
  ];
}

const REJOIN =
  "info: Everybody who is connected is disconnected for a moment and joins again; on the bill each is one more visit";

describe("what an update changes, in plain words", () => {
  test("a first deployment names the script, its classes, sites and addresses", async () => {
    expect(await words("first-deploy")).toEqual([
      0,
      "info: A new script: 'visitor-tracker-local'",
      "info: New Durable Object classes: 'PageCounter' and 'SiteDirectory'. There is no data yet",
      "info: Pages of 'http://*.localhost:*' may connect",
      "info: Pages of 'http://127.0.0.1:*' may connect",
      "info: Pages of 'http://localhost:*' may connect",
      "info: Clients that send no origin, such as wscat ('none'), may connect",
      "info: Visits cost, a page at rest does not (docs/cost.md)",
      "info: The route 'localhost/*' is added",
      "info: The address of 'visitor-tracker-local' on workers.dev is added",
      "info: Cloudflare does not cache on workers.dev: reads of /count and /badge.svg ask objects more often than on a domain of your own",
    ]);
  });

  test("no change is no words and exit code 0", async () => {
    expect(await words("no-change")).toEqual([0]);
  });

  test("a site that may no longer connect comes first and makes exit code 3", async () => {
    expect(await words("origins")).toEqual([
      3,
      "warning: Pages of 'http://127.0.0.1:*' may no longer connect, and show no count",
      "info: Pages of 'https://*.example.org' may connect from then on",
      "info: Pages of 'https://blog.example.com' may connect from then on",
      REJOIN,
    ]);
  });

  test("limits have their old and new values, and the rate limit that follows is not said twice", async () => {
    expect(await words("limits")).toEqual([
      0,
      "info: 'limits.tabsPerVisitor' (connections of one visitor on a page): '8' → '4'",
      "info: 'limits.upgradesPerMinute' (connections that one IP address may open in a minute): '60' → '120'",
      REJOIN,
    ]);
  });

  test("a site total is on the bill, and a jurisdiction starts the pages anew", async () => {
    expect(await words("settings")).toEqual([
      3,
      "warning: All pages start anew on objects in the new jurisdiction; those of before are not used any more",
      "info: 'demo' (the demo page at /): 'true' → 'false'",
      "info: 'jurisdiction' (where objects must stay): unset → 'eu'",
      "info: 'siteCount' (total and most visited pages of a site in /count): 'false' → 'true'",
      "info: The site total costs 1 to 2 object requests and as many rows written for each join and each leave: a free plan ends at about a third of the visits",
      REJOIN,
    ]);
  });

  test("addresses that come and go are told apart", async () => {
    expect(await words("exposure")).toEqual([
      3,
      "warning: The address of 'visitor-tracker-local' on workers.dev is removed: clients that use it lose their count",
      "info: The custom domain 'count.localhost' is added",
    ]);
  });

  test("a route that moves is one that goes and one that comes, with its DNS record", async () => {
    expect(await words("route")).toEqual([
      3,
      "warning: The route 'localhost/*' is removed: clients that use it lose their count",
      "info: 'basePath' (path before /ws and the others): '' → '/live'",
      REJOIN,
      "info: The DNS record of 'blog.localhost' is added",
      "info: The route 'blog.localhost/live/*' is added",
    ]);
  });

  test("protection of the script is said", async () => {
    expect(await words("protect")).toEqual([
      0,
      "info: The script gets protected: from then on Pulumi refuses to delete or replace it",
      REJOIN,
    ]);
  });

  test("a script that is renamed is data that is destroyed: exit code 2", async () => {
    expect(await words("rename")).toEqual([
      2,
      "danger: Script 'visitor-tracker-local' is replaced by 'counter': Cloudflare destroys all Durable Objects of the old one with their data and disconnects their visitors",
      "warning: The address of 'visitor-tracker-local' on workers.dev is removed: clients that use it lose their count",
      "info: The route 'localhost/*' serves script 'counter' from then on",
      "info: The address of 'counter' on workers.dev is added",
    ]);
  });

  test("a refused rename is a failed preview with the program's own words", async () => {
    const report = describeDigest(parseDigest(await recorded("rename-refused")));
    expect(report.verdict).toBe("failed");
    expect(EXIT_CODES[report.verdict]).toBe(1);
    expect(report.errors).toHaveLength(1);
    expect(report.errors[0]).toMatch(
      /^This update would replace the script 'visitor-tracker-local' by 'counter': /,
    );
  });

  test("a migration says what becomes of the objects, and nothing of a class that comes and goes within it", async () => {
    expect(await words("migration")).toEqual([
      0,
      "info: The Durable Object classes go to migration 'v5', which cannot be taken back",
      "info: Class 'SiteDirectory' is renamed to 'Directory': its objects and their data live on",
      "info: The code changes (sha256 'f2cdbd14ca6f' → '17e9821b6dd4')",
      REJOIN,
    ]);
  });

  test("a migration that deletes a class with objects destroys data", async () => {
    const output = (await recorded("migration")).replace(
      /"deletedClasses": \[\s*"Archive"/,
      '"deletedClasses": ["PageCounter"',
    );
    const { verdict, changes } = describeDigest(parseDigest(output));
    expect(EXIT_CODES[verdict]).toBe(2);
    expect(toPlain(changes[0]?.text ?? [])).toBe(
      "All objects of 'PageCounter' are destroyed with their data, for good",
    );
  });

  test("code has the sizes of the bundles that were built, if they are the ones", async () => {
    const before = {
      sha256: "f2cdbd14ca6f4f13187aed8bcde91e2bb574156342cfd6d12fbeaf0e3cf4f4e0",
      bytes: 65_000,
      gzipBytes: 19_000,
    };
    const after = {
      sha256: "17e9821b6dd4af54edf3a68d07d2e479a197be6c312f513a208b8f79628dcc65",
      bytes: 64_979,
      gzipBytes: 18_990,
    };
    const hashes = "(sha256 'f2cdbd14ca6f' → '17e9821b6dd4')";
    expect((await words("code", { sizes: [before, after] }))[1]).toBe(
      `info: The code changes: 65,000 B (19,000 B compressed) → 64,979 B (18,990 B compressed), −21 B ${hashes}`,
    );
    expect((await words("code", { sizes: [after] }))[1]).toBe(
      `info: The code changes: the bundle has 64,979 B (18,990 B compressed) ${hashes}`,
    );
    expect((await words("code", { sizes: [before] }))[1]).toBe(`info: The code changes ${hashes}`);
  });
});
