import { describe, expect, test } from "vitest";
import { openApi } from "../../infra/src/cloudflare-api.ts";
import { neededPermissions, tokenLink } from "../lib/doctor/permissions.ts";
import { checkToken } from "../lib/doctor/token.ts";
import {
  ACCOUNT,
  Failure,
  fakeApi,
  fakeSite,
  LINK,
  TOKEN,
  type Answers,
} from "./doctor-support.ts";
import { serve } from "./support.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const INVALID = new Failure(401, 1000, "Invalid API Token");

async function token(answers: Answers): ReturnType<typeof checkToken> {
  const { baseUrl } = await fakeApi(answers);
  return checkToken(openApi({ baseUrl, token: TOKEN }), ACCOUNT, LINK, NOW);
}

describe("the API token", () => {
  test("of the user is in force", async () => {
    const found = await token({ "/user/tokens/verify": { id: "t", status: "active" } });
    expect(found).toEqual({
      check: "API token",
      level: "ok",
      found: "active, the user's, without an end",
    });
  });

  test("of the account is known to the account alone", async () => {
    const found = await token({
      "/user/tokens/verify": INVALID,
      [`/accounts/${ACCOUNT}/tokens/verify`]: {
        id: "t",
        status: "active",
        expires_on: "2027-02-01T00:00:00Z",
      },
    });
    expect(found).toEqual({
      check: "API token",
      level: "ok",
      found: "active, the account's, until 2027-02-01",
    });
  });

  test("that ends in two weeks is worth a warning", async () => {
    const verify = { status: "active", expires_on: "2026-12-08T11:59:59Z" };
    const found = await token({ "/user/tokens/verify": verify });
    expect(found.level).toBe("warning");
    expect(found.found).toBe("active, the user's, but only until 2026-12-08");
    const later = await token({
      "/user/tokens/verify": { ...verify, expires_on: "2026-12-08T12:00:00Z" },
    });
    expect(later.level).toBe("ok");
  });

  test("that is disabled or expired is a problem", async () => {
    const found = await token({ "/user/tokens/verify": { status: "expired" } });
    expect(found).toEqual({
      check: "API token",
      level: "problem",
      found: "it is the user's, and 'expired'",
      advice: `make another: ${LINK}`,
    });
  });

  test("that nobody knows is a problem, with what both said", async () => {
    const found = await token({
      "/user/tokens/verify": INVALID,
      [`/accounts/${ACCOUNT}/tokens/verify`]: INVALID,
    });
    expect(found.level).toBe("problem");
    expect(found.found).toBe(
      "Cloudflare does not know it: 401, 1000 Invalid API Token as the user's, 401, 1000 Invalid API Token as the account's",
    );
    expect(found.advice).toContain(LINK);
  });

  test("cannot be checked without a network", async () => {
    const baseUrl = await serve((request) => void request.socket.destroy());
    const found = await checkToken(openApi({ baseUrl, token: TOKEN }), ACCOUNT, LINK, NOW);
    expect(found.level).toBe("problem");
    expect(found.found).toMatch(/^127\.0\.0\.1:\d+ cannot be reached: other side closed$/);
  });

  test("does not come back in an answer that repeats it, and follows no redirect", async () => {
    const echo = await serve((request, response) => {
      response.writeHead(400);
      const message = `bad header ${request.headers.authorization}`;
      response.end(JSON.stringify({ success: false, errors: [{ code: 6003, message }] }));
    });
    const answer = await openApi({ baseUrl: echo, token: TOKEN }).get("/user");
    expect(answer).toMatchObject({ kind: "refused", message: "bad header Bearer [token]" });
    const elsewhere = await serve((_request, response) => {
      response.writeHead(302, { location: `${echo}/user` }).end();
    });
    const redirected = await openApi({ baseUrl: elsewhere, token: TOKEN }).get("/user");
    expect(redirected.kind).toBe("unreachable");
  });

  test("is asked for in the dashboard's form, with what this stack needs", async () => {
    const workersDev = (await fakeSite({})).config;
    expect(neededPermissions(workersDev).map(({ label }) => label)).toEqual([
      "Account, Workers Scripts, Edit",
      "Account, Account Settings, Read",
    ]);
    const values = { route: "example.com/live/*", zone: "example.com", manageDns: "true" };
    const permissions = neededPermissions((await fakeSite({}, { values })).config);
    const link = new URL(tokenLink(permissions, "visitor-tracker"));
    expect(link.origin + link.pathname).toBe("https://dash.cloudflare.com/profile/api-tokens");
    expect(JSON.parse(link.searchParams.get("permissionGroupKeys") ?? "")).toEqual([
      { key: "workers_scripts", type: "edit" },
      { key: "account_settings", type: "read" },
      { key: "zone", type: "read" },
      { key: "workers_routes", type: "edit" },
      { key: "dns", type: "edit" },
    ]);
    expect([link.searchParams.get("accountId"), link.searchParams.get("zoneId")]).toEqual([
      "*",
      "all",
    ]);
  });
});
