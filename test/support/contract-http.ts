import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { Visitor } from "../../scripts/visitor.ts";

export interface Deployment {
  /** Where it answers, without a slash at the end. */
  base: string;
  /** An origin that it allows. */
  origin: string;
}

export function describeHttp(deployment: () => Deployment): void {
  test("/health answers exactly the contract's body", async () => {
    const response = await fetch(`${deployment().base}/health`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(await response.text()).toMatch(/^{"status":"ok","timestamp":\d{13}}$/);
  });

  test("an allowed origin may read, and caches are told that it depends on the origin", async () => {
    const { base, origin } = deployment();
    const response = await fetch(`${base}/health`, { headers: { origin } });
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("vary")).toMatch(/origin/i);
  });

  test("a preflight is answered with 204 and no body", async () => {
    const { base, origin } = deployment();
    const response = await fetch(`${base}/health`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET" },
    });
    expect([response.status, await response.text()]).toEqual([204, ""]);
    expect(response.headers.get("access-control-allow-origin")).toBe(origin);
    expect(response.headers.get("access-control-allow-methods")).toMatch(/\bGET\b/);
  });
}

export function describeForeignOrigin(foreignOrigin: string, deployment: () => Deployment): void {
  test("an origin that is not allowed gets no permission and no connection", async () => {
    const { base } = deployment();
    const health = await fetch(`${base}/health`, { headers: { origin: foreignOrigin } });
    expect(health.headers.get("access-control-allow-origin")).toBeNull();
    const question = await fetch(`${base}/ws?page=/&userId=test-user-123`, {
      headers: { origin: foreignOrigin },
    });
    // Only the refusal itself may be read, by any site: it says what to add to allowedOrigins.
    expect(question.headers.get("access-control-allow-origin")).toBe("*");
    expect(question.status).toBe(403);
    const visitor = Visitor.join(base, { page: "/", userId: randomUUID(), origin: foreignOrigin });
    await expect(visitor).rejects.toThrow(
      /^refused with 403: {"error":{"code":"origin_not_allowed"/,
    );
  });
}

export function describeRefusals(deployment: () => Deployment): void {
  const good = { page: "/", userId: "test-user-123" };
  test.each<[string, Record<string, string>, number, string]>([
    ["no page", { userId: good.userId }, 400, "bad_page"],
    ["an empty page", { ...good, page: "" }, 400, "bad_page"],
    [
      "a page that is no path and no URL",
      { ...good, page: "javascript:alert(1)" },
      400,
      "bad_page",
    ],
    ["a giant page", { ...good, page: `/${"a".repeat(5_000)}` }, 400, "bad_page"],
    ["no userId", { page: "/" }, 400, "bad_user_id"],
    ["a short userId", { ...good, userId: "short" }, 400, "bad_user_id"],
    ["a giant userId", { ...good, userId: "a".repeat(65) }, 400, "bad_user_id"],
    ["a userId with markup", { ...good, userId: "<script>alert(1)</script>" }, 400, "bad_user_id"],
    ["all well but no upgrade", good, 426, "upgrade_required"],
  ])("/ws with %s is refused before any connection", async (_name, query, status, code) => {
    const { base, origin } = deployment();
    const search = new URLSearchParams(query).toString();
    const response = await fetch(`${base}/ws?${search}`, { headers: { origin } });
    expect([response.status, await response.json()]).toEqual([
      status,
      { error: { code, message: expect.any(String) } },
    ]);
  });

  test("another method is refused", async () => {
    const { base, origin } = deployment();
    const response = await fetch(`${base}/ws?page=/&userId=test-user-123`, {
      method: "POST",
      headers: { origin },
    });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toMatch(/GET/);
  });

  test("an unknown path is a JSON 404", async () => {
    const { base, origin } = deployment();
    const response = await fetch(`${base}/no/such/path`, { headers: { origin } });
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: { code: "not_found", message: expect.any(String) } },
    ]);
  });
}
