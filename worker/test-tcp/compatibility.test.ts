import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { unstable_readConfig as readWranglerConfig } from "wrangler";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "../compatibility.ts";

test("wrangler dev and the tests run on the compatibility date and flags of a deployment", () => {
  const path = fileURLToPath(new URL("../wrangler.jsonc", import.meta.url));
  const config = readWranglerConfig({ config: path });
  expect([config.compatibility_date, config.compatibility_flags]).toEqual([
    COMPATIBILITY_DATE,
    COMPATIBILITY_FLAGS,
  ]);
});
