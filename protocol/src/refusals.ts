/** Body of every answer that refuses a request, with the HTTP status that goes with it. */
export interface Refusal {
  readonly error: {
    readonly code: RefusalCode;
    /** What is wrong and what to do, for people. */
    readonly message: string;
  };
}

/** HTTP status of each refusal. */
export const REFUSAL_STATUS = {
  bad_page: 400,
  bad_site: 400,
  bad_badge: 400,
  bad_user_id: 400,
  origin_not_allowed: 403,
  not_found: 404,
  site_count_off: 404,
  method_not_allowed: 405,
  upgrade_required: 426,
  rate_limited: 429,
  internal_error: 500,
  page_full: 503,
  overloaded: 503,
} as const;

export type RefusalCode = keyof typeof REFUSAL_STATUS;
