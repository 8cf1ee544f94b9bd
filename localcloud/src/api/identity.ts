import type { Account } from "cloudflare/resources/accounts/accounts";
import type { Membership } from "cloudflare/resources/memberships/memberships";
import type { TokenVerifyResponse } from "cloudflare/resources/user/tokens/tokens";
import type { UserGetResponse } from "cloudflare/resources/user/user";
import { type Handler, ok, page } from "../http/reply.ts";
import { ACCOUNT_ID, USER_EMAIL, USER_ID, identifier } from "../model/ids.ts";

const ACCOUNT: Account = {
  id: ACCOUNT_ID,
  name: "Local",
  type: "standard",
  settings: { enforce_twofactor: false },
  created_on: "2026-01-01T00:00:00.000000Z",
};

/** @see https://developers.cloudflare.com/api/resources/user/methods/get/ */
export const getUser: Handler<UserGetResponse> = () =>
  ok({
    id: USER_ID,
    email: USER_EMAIL,
    first_name: null,
    last_name: null,
    two_factor_authentication_enabled: false,
    suspended: false,
  });

/** @see https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/verify/ */
export const verifyToken: Handler<TokenVerifyResponse> = () =>
  ok({ id: identifier("token", "local"), status: "active" });

/** @see https://developers.cloudflare.com/api/resources/accounts/methods/list/ */
export const listAccounts: Handler<Account[]> = ({ query }) => page([ACCOUNT], query);

/** @see https://developers.cloudflare.com/api/resources/accounts/methods/get/ */
export const getAccount: Handler<Account> = () => ok(ACCOUNT);

/** @see https://developers.cloudflare.com/api/resources/memberships/methods/list/ */
export const listMemberships: Handler<Membership[]> = ({ query }) =>
  page(
    [
      {
        id: identifier("membership", "local"),
        status: "accepted",
        account: ACCOUNT,
        roles: ["Super Administrator - All Privileges"],
        permissions: {},
      },
    ],
    query,
  );
