declare const BUILD_VERSION: string | undefined;

/** Which bundle this is: build.ts puts a hash of it here; `dev` when it was not built by that. */
export const VERSION: string = typeof BUILD_VERSION === "string" ? BUILD_VERSION : "dev";
