import { refuse } from "./http.ts";

export function refuseFull(): Response {
  const message = "the page holds as many connections as it can; try again later";
  return refuse("page_full", message, { "Retry-After": "30" });
}

export function refuseUnwatched(): Response {
  const message = "the page cannot watch whether this client falls silent; try again in a minute";
  return refuse("overloaded", message, { "Retry-After": "60" });
}

export function refuseCrowd(): Response {
  const message = "more visitors are joining than the page can take; try again in a few seconds";
  return refuse("overloaded", message, { "Retry-After": soon() });
}

/** For a page whose objects do not reach, or do not agree with, each other. */
export function refuseUnsettled(): Response {
  const message = "the page is being spread over more or fewer objects; try again in a few seconds";
  return refuse("overloaded", message, { "Retry-After": soon() });
}

/** 5 to 30 seconds, so that those who are sent away together do not come back together. */
function soon(): string {
  return String(5 + Math.floor(Math.random() * 26));
}
