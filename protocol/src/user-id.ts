const USER_ID = /^[\w-]{8,64}$/;

/** Whether `value` can name a visitor: 8 to 64 letters, digits, `_` or `-`. A UUID is the usual one. */
export function isUserId(value: unknown): value is string {
  return typeof value === "string" && USER_ID.test(value);
}
