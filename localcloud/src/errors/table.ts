export * from "./resources.ts";
export * from "./uploads.ts";
