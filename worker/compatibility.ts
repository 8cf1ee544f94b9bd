/** Behaviour of the runtime is fixed to this day; raise it on purpose, with the Worker's tests. */
export const COMPATIBILITY_DATE = "2026-09-01";

/** Compression costs three times the memory per connection, for messages of 56 bytes. */
export const COMPATIBILITY_FLAGS: readonly string[] = ["no_web_socket_compression"];
