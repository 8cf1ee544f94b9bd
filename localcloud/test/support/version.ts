import type { Version } from "../../src/model/state.ts";

/** A version without code, as far as a test does not say otherwise. */
export const VERSION_PARTS: Omit<Version, "id" | "number" | "createdOn"> = {
  source: "api",
  mainModule: "worker.js",
  modules: [],
  bindings: [],
  compatibilityDate: "",
  compatibilityFlags: [],
  placement: null,
  limits: null,
  annotations: {},
  exports: [],
  startupTimeMs: 1,
  etag: "",
  migrationTag: null,
};
