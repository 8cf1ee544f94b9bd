/** The page was left. */
export const CLOSE_BYE = 1000;
/** A message was binary or longer than the limit. */
export const CLOSE_TOO_BIG = 1009;
/** The page takes nobody in at the moment: it is full, or too many are joining. Try again later. */
export const CLOSE_PAGE_FULL = 1013;
/** No sign of life for the stale time. */
export const CLOSE_STALE = 4408;
/** The page is served by another shard; connect again. */
export const CLOSE_MOVED = 4409;
/** Too many tabs of one visitor, or too many messages. */
export const CLOSE_TOO_MANY = 4429;

/** Whether the server will not have this client again: 4400-4499 except stale and moved. */
export function isFinalClose(code: number): boolean {
  return code >= 4400 && code < 4500 && code !== CLOSE_STALE && code !== CLOSE_MOVED;
}
