export { createVisitorCounter } from "./counter.ts";
export type {
  VisitorCounter,
  VisitorCounterOptions,
  VisitorState,
  VisitorStatus,
} from "./types.ts";
export { getVisitorId } from "./visitor-id.ts";
