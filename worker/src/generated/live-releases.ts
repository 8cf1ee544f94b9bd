// Made by `npm run generate`, which adds each version of the client, newest first.
import type { LiveRelease } from "../live/release.ts";
export const LIVE_RELEASES: readonly LiveRelease[] = [];
