import { expect, test } from "vitest";
import { findSecrets } from "./support/find-secrets.ts";
import { SECRETS } from "./support/workflow-account.ts";

test("a secret is found however it is written, and only where it is", () => {
  const secret = SECRETS.passphrase;
  const around = ["", "a", "ab", "abc"].map((before) => Buffer.from(`${before}${secret}z`));
  const written = [
    secret,
    Buffer.from(secret).toString("hex"),
    ...around.map((bytes) => bytes.toString("base64")),
    ...around.map((bytes) => bytes.toString("base64url")),
    encodeURIComponent(secret),
    new URLSearchParams({ secret }).toString(),
  ];
  for (const text of written) {
    expect(findSecrets(new Map([["x", text]]), { secret }), text).not.toEqual([]);
  }
  expect(findSecrets(new Map([["x", "nothing"]]), { secret })).toEqual([]);
});
