export * from "./close-codes.ts";
export * from "./limits.ts";
export * from "./messages.ts";
export * from "./origins.ts";
export * from "./page-key.ts";
export * from "./refusals.ts";
export * from "./settings.ts";
export * from "./user-id.ts";
