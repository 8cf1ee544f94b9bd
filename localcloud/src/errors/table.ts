export * from "./resources.ts";
export * from "./services.ts";
export * from "./uploads.ts";
export * from "./versions.ts";
